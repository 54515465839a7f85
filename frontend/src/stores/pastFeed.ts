import { onScopeDispose, watch } from "vue";

import { useConfigStore } from "./config";
import { useEndpointsStore } from "./endpoints";
import { useIncidentsStore } from "./incidents";
import { useMetricsStore } from "./metrics";
import { usePastStore } from "./past";
import { useSessionStore } from "./session";
import { useTimeframeStore } from "./timeframe";

/** Changes that come together make one question. */
const GATHER_MS = 40;
const REFRESH_MIN_MS = 5_000;
const REFRESH_MAX_MS = 60_000;
/** What has just happened is written down a little later. */
const EVENTS_AFTER_MS = 2_500;
/** Any series does: only the events of the answer are wanted. */
const EVENTS_SERIES = "cpu_usage_pct";

/**
 * Keeps the past on show up to date until the calling scope ends: asks when the time frame or
 * the charts in view change, and again at the pace at which buckets fill. Does nothing while the
 * page is hidden or paused, or while nothing needs the past.
 */
export function usePastFeed(): void {
  const timeframe = useTimeframeStore();
  const past = usePastStore();
  const metrics = useMetricsStore();
  const session = useSessionStore();
  const config = useConfigStore();
  const marks = useMarkRefresh();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function plan(delayMs: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void run(), delayMs);
  }

  async function run(): Promise<void> {
    timer = null;
    if (document.hidden || timeframe.source === "stream" || past.wanted().length === 0) return;
    if (!past.isAvailable && timeframe.host === null) return;
    const nowMs = timeframe.host === null ? metrics.endMs() || Date.now() : Date.now();
    await past.load(timeframe.advance(nowMs), timeframe.host);
    if (!isPlanned() && !isSettled(nowMs)) plan(pace());
  }

  /** While an answer was awaited, something else may have asked for the next. */
  function isPlanned(): boolean {
    return timer !== null;
  }

  /** A stretch that ended some time ago changes no more. */
  function isSettled(nowMs: number): boolean {
    const { zoom } = timeframe;
    return past.problem === null && zoom !== null && zoom.toMs < nowMs - 2 * past.stepMs;
  }

  function pace(): number {
    return Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, past.stepMs));
  }

  function restart(): void {
    past.cancel();
    if (timeframe.source === "history") plan(GATHER_MS);
    else marks.soon(0);
  }

  async function wishesChanged(): Promise<void> {
    if (timeframe.source !== "history") return;
    if (past.answeredMs === null || past.isLoading) plan(GATHER_MS);
    else {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      await past.loadMissing();
    }
  }

  watch(
    () => timeframe.host,
    () => {
      past.clear();
    },
    { flush: "sync" },
  );
  watch(
    [
      () => timeframe.source,
      () => timeframe.zoom,
      () => timeframe.rangeMs,
      () => timeframe.host,
      () => metrics.paused,
    ],
    () => {
      if (!metrics.paused) restart();
    },
  );
  watch(
    () => past.wishVersion,
    () => void wishesChanged(),
  );
  watch(
    [() => session.isOpen, () => config.present?.version],
    async ([isOpen]) => {
      if (!isOpen) return;
      await past.loadStats();
      restart();
    },
    { immediate: true },
  );

  const onVisibility = () => {
    if (!document.hidden) restart();
  };
  document.addEventListener("visibilitychange", onVisibility);
  onScopeDispose(() => {
    document.removeEventListener("visibilitychange", onVisibility);
    if (timer !== null) clearTimeout(timer);
    past.cancel();
  });
}

/** While the stream draws the charts, what happened is asked for once something has happened. */
function useMarkRefresh(): { soon: (delayMs: number) => void } {
  const timeframe = useTimeframeStore();
  const past = usePastStore();
  const metrics = useMetricsStore();
  const incidents = useIncidentsStore();
  const endpoints = useEndpointsStore();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function soon(delayMs: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      const canAsk = past.stats !== null && past.isAvailable && metrics.endMs() > 0;
      if (timeframe.source !== "stream" || document.hidden || !canAsk) return;
      void past.loadEvents(timeframe.span(), EVENTS_SERIES);
    }, delayMs);
  }

  watch(
    [
      () => incidents.list,
      () => endpoints.list.map((one) => `${one.name} ${one.state}`).join("\n"),
      // Before the first sample there is no span to ask for.
      () => metrics.shownVersion > 0,
    ],
    () => {
      soon(EVENTS_AFTER_MS);
    },
  );
  onScopeDispose(() => {
    if (timer !== null) clearTimeout(timer);
  });
  return { soon };
}
