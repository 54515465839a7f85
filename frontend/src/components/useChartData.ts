import { computed, onBeforeUnmount, shallowRef, watch, type ComputedRef } from "vue";

import { pastSamples, streamSamples, type Samples } from "../charts/samples";
import { useMetricsStore } from "../stores/metrics";
import { usePastStore } from "../stores/past";
import { usePreferencesStore } from "../stores/preferences";
import { useTimeframeStore } from "../stores/timeframe";
import type { MetricLine } from "./panelShapes";

export interface ChartData {
  readonly samples: ComputedRef<Samples>;
  /** True while what is drawn comes from the history. */
  readonly isPast: ComputedRef<boolean>;
  /** Changes when other samples have come, wherever they are from. */
  readonly version: ComputedRef<unknown>;
  /** Changes when other samples are to be shown, or another time. */
  readonly redrawOn: (() => unknown)[];
  /** To be told when the chart comes into view or goes out of it. */
  readonly onSeen: (isInView: boolean, widthPx: number) => void;
}

/** The samples that a chart draws: from the stream, or asked of the history while it is seen. */
export function useChartData(lines: () => readonly MetricLine[]): ChartData {
  const metrics = useMetricsStore();
  const past = usePastStore();
  const preferences = usePreferencesStore();
  const timeframe = useTimeframeStore();
  const self = Symbol("chart");
  const seen = shallowRef({ isInView: false, widthPx: 0 });

  const stream = streamSamples(metrics.table);
  const history = pastSamples(
    () => past.series,
    () => preferences.stat,
  );
  const isPast = computed(() => timeframe.source === "history");
  const samples = computed(() => (isPast.value ? history : stream));
  const version = computed(() => (isPast.value ? past.series : timeframe.streamVersion));

  watch(
    [seen, lines],
    () => {
      past.wish(self, { names: lines().map((line) => line.name), ...seen.value });
    },
    { immediate: true },
  );
  onBeforeUnmount(() => {
    past.drop(self);
  });

  return {
    samples,
    isPast,
    version,
    redrawOn: [
      () => version.value,
      () => timeframe.zoom,
      () => timeframe.rangeMs,
      () => (isPast.value ? timeframe.historyEndMs : 0),
      () => preferences.stat,
      () => samples.value,
      lines,
    ],
    onSeen: (isInView, widthPx) => {
      seen.value = { isInView, widthPx };
    },
  };
}
