import { defineStore } from "pinia";
import { computed, shallowRef, watch } from "vue";

import { useMetricsStore } from "./metrics";
import { STREAM_RANGE_MAX_S, usePreferencesStore } from "./preferences";

/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where charts have their points from. */
export type Source = "stream" | "history";

/** Nothing finer is recorded than a sample a second. */
const SPAN_MIN_MS = 5_000;
const SPAN_MAX_MS = 366 * 86_400_000;

/** Which time all charts show, and of which computer. */
export const useTimeframeStore = defineStore("timeframe", () => {
  const preferences = usePreferencesStore();
  const metrics = useMetricsStore();
  /** The stretch that was picked out; null while the charts follow the clock. */
  const zoom = shallowRef<Span | null>(null);
  /** Another computer whose past is looked at; null for this one. */
  const host = shallowRef<string | null>(null);
  /** Right edge of what was last asked of the history. */
  const historyEndMs = shallowRef(0);

  const rangeMs = computed(() =>
    zoom.value === null ? preferences.rangeS * 1000 : zoom.value.toMs - zoom.value.fromMs,
  );
  const source = computed<Source>(() => {
    if (host.value !== null) return "history";
    if (zoom.value === null) {
      return preferences.rangeS <= STREAM_RANGE_MAX_S ? "stream" : "history";
    }
    // The stream's samples are the finest, as long as they reach back far enough.
    return metrics.shownVersion > 0 && zoom.value.fromMs >= oldestMs() ? "stream" : "history";
  });
  /** Changes when charts have something new to draw because time went on. */
  const streamVersion = computed(() =>
    source.value === "stream" && zoom.value === null ? metrics.shownVersion : 0,
  );

  watch(
    () => preferences.rangeS,
    () => {
      zoom.value = null;
    },
  );

  function oldestMs(): number {
    return metrics.table.length === 0 ? Number.POSITIVE_INFINITY : metrics.table.timeAt(0);
  }

  /** What charts show just now. */
  function span(): Span {
    if (zoom.value !== null) return zoom.value;
    const toMs = source.value === "stream" ? metrics.endMs() : historyEndMs.value;
    return { fromMs: toMs - rangeMs.value, toMs };
  }

  /** Move the right edge to now, and say what is to be asked of the history. */
  function advance(nowMs: number): Span {
    historyEndMs.value = nowMs;
    return zoom.value ?? { fromMs: nowMs - rangeMs.value, toMs: nowMs };
  }

  /** Look at a stretch of time; one that is too short grows around its middle. */
  function zoomTo(wanted: Span): void {
    const middle = (wanted.fromMs + wanted.toMs) / 2;
    const width = Math.min(Math.max(wanted.toMs - wanted.fromMs, SPAN_MIN_MS), SPAN_MAX_MS);
    const toMs = Math.min(middle + width / 2, newestMs());
    zoom.value = { fromMs: Math.round(toMs - width), toMs: Math.round(toMs) };
  }

  /** Look at `factor` times as much time around the same middle. */
  function zoomBy(factor: number): void {
    const { fromMs, toMs } = span();
    const grow = ((toMs - fromMs) * (factor - 1)) / 2;
    zoomTo({ fromMs: fromMs - grow, toMs: toMs + grow });
  }

  /** Look at what was before (`share` < 0) or after, as a share of what is shown. */
  function shift(share: number): void {
    const { fromMs, toMs } = span();
    const by = (toMs - fromMs) * share;
    const stop = Math.min(by, newestMs() - toMs);
    zoomTo({ fromMs: fromMs + stop, toMs: toMs + stop });
  }

  /** Follow the clock again. */
  function reset(): void {
    zoom.value = null;
  }

  /** The future holds nothing to look at. */
  function newestMs(): number {
    return Math.max(metrics.endMs(), historyEndMs.value) || Date.now();
  }

  return {
    zoom,
    host,
    historyEndMs,
    rangeMs,
    source,
    streamVersion,
    span,
    advance,
    zoomTo,
    zoomBy,
    shift,
    reset,
  };
});
