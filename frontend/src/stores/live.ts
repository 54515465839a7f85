/** The one place where the stream meets the stores. */
import { computed, onScopeDispose, watch } from "vue";

import type { ServerFrame } from "../wire/frames";
import { useLiveSocket, type LiveSocket, type LiveSocketOptions } from "../wire/useLiveSocket";
import { useAlertsStore } from "./alerts";
import { useConfigStore } from "./config";
import { useDesktopStore } from "./desktop";
import { useEndpointsStore } from "./endpoints";
import { useGatewayStore } from "./gateway";
import { useIncidentsStore } from "./incidents";
import { useMetricsStore } from "./metrics";
import { useSessionStore } from "./session";

const CLOCK_MS = 1_000;

/**
 * Connect the stores to the sidecar until the calling scope ends.
 *
 * @param options overrides for tests; the page needs none
 */
export function useLive(options: Omit<LiveSocketOptions, "onFrame"> = {}): LiveSocket {
  const session = useSessionStore();
  const dispatch = useDispatch();
  const socket = useLiveSocket({ ...options, onFrame: dispatch });

  watch(
    [socket.status, socket.farewell],
    ([status, farewell]) => {
      session.link = status;
      session.farewellReason = farewell?.reason ?? null;
      session.tickClock();
    },
    { flush: "sync" },
  );
  const metrics = useMetricsStore();
  /** All groups, one a line, while something shows more than the usual; null otherwise. */
  const groups = computed(() => {
    if (metrics.detailViews === 0) return null;
    return [...new Set([...metrics.fields.values()].map((field) => field.group))].sort().join("\n");
  });
  let isFollowing = false;
  watch([groups, () => session.isOpen], ([wanted, isOpen]) => {
    if (!isOpen) isFollowing = false;
    else if (isFollowing || wanted !== null) {
      isFollowing = wanted !== null;
      socket.follow(wanted === null ? null : wanted.split("\n"));
    }
  });
  const clock = setInterval(session.tickClock, CLOCK_MS);
  const onVisibilityChange = () => {
    if (!document.hidden) session.returned();
  };
  document.addEventListener("visibilitychange", onVisibilityChange);
  onScopeDispose(() => {
    clearInterval(clock);
    document.removeEventListener("visibilitychange", onVisibilityChange);
  });
  socket.start();
  return socket;
}

/** Have what is sent only when asked for, such as each core, until the calling scope ends. */
export function useDetails(): void {
  const metrics = useMetricsStore();
  metrics.detailViews += 1;
  onScopeDispose(() => {
    metrics.detailViews -= 1;
  });
}

/** Hand each frame to the stores that it concerns. */
export function useDispatch(): (frame: ServerFrame, newInstance: boolean) => void {
  const session = useSessionStore();
  const metrics = useMetricsStore();
  const endpoints = useEndpointsStore();
  const incidents = useIncidentsStore();
  const alerts = useAlertsStore();
  const desktop = useDesktopStore();
  const config = useConfigStore();
  const gateway = useGatewayStore();
  return (frame, newInstance) => {
    session.takeFrame(frame, newInstance);
    switch (frame.type) {
      case "hello":
        metrics.takeHello(frame, newInstance);
        void alerts.refresh();
        void gateway.refresh();
        break;
      case "fields":
        metrics.takeCatalogue(frame);
        break;
      case "snapshot":
        metrics.takeSnapshot(frame);
        endpoints.takeSnapshot(frame);
        incidents.takeSnapshot(frame);
        break;
      case "tick":
        metrics.takeTick(frame);
        break;
      case "event":
        endpoints.takeEvent(frame.event);
        incidents.takeEvent(frame.event);
        alerts.takeEvent(frame.event);
        desktop.takeEvent(frame.event);
        gateway.takeEvent(frame.event);
        void config.takeEvent(frame.event);
        break;
      case "gap":
      case "bye":
        break;
    }
  };
}
