/** What a panel's frame and the chart in it know of each other. */
import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from "vue";

import type { PictureLine } from "../charts/picture";
import type { MetricLine } from "./panelShapes";

/** A chart that can be saved as a file. */
export interface SavableChart {
  readonly title: string;
  readonly lines: readonly MetricLine[];
  readonly canvas: HTMLCanvasElement | null;
  /** The lines as a legend shows them. */
  readonly legend: () => readonly PictureLine[];
}

export interface PanelTools {
  /** Figures in rows instead of lines. */
  readonly showsTable: Readonly<ShallowRef<boolean>>;
  readonly toggleTable: () => void;
  readonly chart: ShallowRef<(() => SavableChart) | null>;
}

const KEY: InjectionKey<PanelTools> = Symbol("panel tools");

export function providePanelTools(): PanelTools {
  const showsTable = shallowRef(false);
  const tools: PanelTools = {
    showsTable,
    toggleTable: () => {
      showsTable.value = !showsTable.value;
    },
    chart: shallowRef(null),
  };
  provide(KEY, tools);
  return tools;
}

/** The frame around this chart; null where a chart stands alone. */
export function usePanelTools(): PanelTools | null {
  return inject(KEY, null);
}
