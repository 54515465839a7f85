/** The charts of the overview, in the order in which they stand. A new panel is one line here. */
import type { Component } from "vue";

import CpuPanel from "./CpuPanel.vue";
import DiskPanel from "./DiskPanel.vue";
import GpuPanel from "./GpuPanel.vue";
import MemoryPanel from "./MemoryPanel.vue";
import NetworkPanel from "./NetworkPanel.vue";
import ThroughputPanel from "./ThroughputPanel.vue";

export interface PanelEntry {
  readonly id: string;
  readonly component: Component;
}

export const PANELS: readonly PanelEntry[] = [
  { id: "cpu", component: CpuPanel },
  { id: "memory", component: MemoryPanel },
  { id: "gpu", component: GpuPanel },
  { id: "network", component: NetworkPanel },
  { id: "disk", component: DiskPanel },
  { id: "throughput", component: ThroughputPanel },
];
