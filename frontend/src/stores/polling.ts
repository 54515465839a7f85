import { onBeforeUnmount, onMounted } from "vue";

/**
 * Ask again and again while the page is visible and the calling component is mounted.
 *
 * A question is put only when the one before has been answered. `ask` must not throw.
 *
 * @param everyMs from one question to the next
 */
export function usePolling(ask: () => Promise<void>, everyMs: number): void {
  let isAsking = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  async function poll(): Promise<void> {
    if (document.hidden || isAsking) return;
    isAsking = true;
    try {
      await ask();
    } finally {
      isAsking = false;
    }
  }

  const begin = () => void poll();
  onMounted(() => {
    begin();
    timer = setInterval(begin, everyMs);
    document.addEventListener("visibilitychange", begin);
  });
  onBeforeUnmount(() => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", begin);
  });
}
