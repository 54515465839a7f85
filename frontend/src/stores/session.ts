import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { EventBody, Hello, ServerFrame, Snapshot, Version } from "../wire/frames";
import { getJson, postCommand } from "../wire/http";
import type { LinkStatus } from "../wire/reconnecting";

/** Data older than this many intervals is stale. */
const STALE_INTERVALS = 3;
const DEFAULT_INTERVAL_MS = 1_000;

export type LinkTone = "live" | "stale" | "waiting" | "connecting" | "paused";

/** The link to the sidecar, and what the sidecar says about itself. */
export const useSessionStore = defineStore("session", () => {
  const link = shallowRef<LinkStatus>({ phase: "closed" });
  const farewellReason = shallowRef<string | null>(null);
  const nowMs = shallowRef(Date.now());
  /** When the newest sample arrived, by this computer's clock; null before the first. */
  const lastSampleAtMs = shallowRef<number | null>(null);
  const intervalMs = shallowRef(DEFAULT_INTERVAL_MS);
  const serverVersion = shallowRef<string | null>(null);
  const monitoringActive = shallowRef<boolean | null>(null);
  const debugMode = shallowRef<boolean | null>(null);
  /** Starts of the sidecar that this page has seen, the first one not counted. */
  const sidecarRestarts = shallowRef(0);

  const isOpen = computed(() => link.value.phase === "open");
  /** Age of what is on screen, in milliseconds; null before the first sample. */
  const ageMs = computed(() =>
    lastSampleAtMs.value === null ? null : Math.max(0, nowMs.value - lastSampleAtMs.value),
  );
  const isStale = computed(
    () => ageMs.value !== null && ageMs.value > STALE_INTERVALS * intervalMs.value,
  );
  /** Whole seconds until the next attempt to connect; null when none is due. */
  const retryInS = computed(() =>
    link.value.phase === "waiting"
      ? Math.max(0, Math.ceil((link.value.retryAtMs - nowMs.value) / 1000))
      : null,
  );

  function takeFrame(frame: ServerFrame, newInstance: boolean): void {
    if (frame.type === "hello") takeHello(frame, newInstance);
    else if (frame.type === "snapshot") takeSnapshot(frame);
    else if (frame.type === "tick") touch();
    else if (frame.type === "event") takeEvent(frame.event);
  }

  function takeHello(frame: Hello, newInstance: boolean): void {
    intervalMs.value = frame.interval_ms;
    serverVersion.value = frame.server_version;
    if (newInstance) sidecarRestarts.value += 1;
  }

  function takeSnapshot(frame: Snapshot): void {
    monitoringActive.value = frame.monitoring_active;
    debugMode.value = frame.debug_mode;
    touch();
  }

  function takeEvent(event: EventBody): void {
    if (event.kind !== "monitoring") return;
    monitoringActive.value = event.active;
    debugMode.value = event.debug_mode;
  }

  /** A sample has come, or the page has come back to the front: start counting its age anew. */
  function touch(): void {
    const now = Date.now();
    nowMs.value = now;
    lastSampleAtMs.value = now;
  }

  /** A hidden page is served slowly on purpose; that must not look like trouble on return. */
  function returned(): void {
    nowMs.value = Date.now();
    if (lastSampleAtMs.value !== null && isOpen.value) lastSampleAtMs.value = nowMs.value;
  }

  function tickClock(): void {
    nowMs.value = Date.now();
  }

  /** @throws ApiError */
  async function setMonitoring(active: boolean): Promise<void> {
    await postCommand(`/api/ai-monitor/${active ? "start" : "stop"}`);
    monitoringActive.value = active;
  }

  /** What people should know about it, or nothing. @throws ApiError */
  async function setDebug(enabled: boolean): Promise<string | null> {
    const answer = await postCommand<unknown>("/api/ai-monitor/debug", { enabled });
    debugMode.value = enabled;
    return answer.status === "warning" ? answer.message : null;
  }

  /** @throws ApiError */
  async function loadVersion(): Promise<Version> {
    return getJson<Version>("/api/version");
  }

  return {
    link,
    farewellReason,
    nowMs,
    ageMs,
    isOpen,
    isStale,
    retryInS,
    intervalMs,
    serverVersion,
    monitoringActive,
    debugMode,
    sidecarRestarts,
    takeFrame,
    returned,
    tickClock,
    setMonitoring,
    setDebug,
    loadVersion,
  };
});
