import { computed, type ComputedRef } from "vue";

import type { PanelState } from "../components/panelShapes";
import { useMetricsStore } from "../stores/metrics";

/**
 * Whether a panel can draw, and if not, why.
 *
 * A sensor that worked and fails now keeps its chart: the line breaks, the past stays visible.
 */
export function usePanelState(
  group: string,
  names: () => readonly string[],
): ComputedRef<PanelState> {
  const metrics = useMetricsStore();
  return computed<PanelState>(() => {
    const wanted = names();
    if (wanted.some((name) => metrics.latest(name) !== null || metrics.table.has(name))) {
      return { kind: "ready" };
    }
    const reason = metrics.reasonFor(wanted[0] ?? group, group);
    return reason === null ? { kind: "waiting" } : { kind: "unsupported", reason };
  });
}
