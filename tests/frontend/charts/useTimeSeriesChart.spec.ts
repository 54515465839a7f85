import { mount, type VueWrapper } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { defineComponent, h, nextTick, shallowRef, useTemplateRef } from "vue";

import { cursorMs } from "../../../frontend/src/charts/cursor";
import { dashOf, translucent } from "../../../frontend/src/charts/palette";
import { Chart } from "../../../frontend/src/charts/register";
import { streamSamples } from "../../../frontend/src/charts/samples";
import { useTimeSeriesChart } from "../../../frontend/src/charts/useTimeSeriesChart";
import { SeriesTable } from "../../../frontend/src/stores/series";
import { drawingOf, setInView } from "../support/dom";
import { T0 } from "../support/frames";

const version = shallowRef(0);
const recolour = shallowRef(0);

function chartOn(table: SeriesTable, mostMax: number | null = null): VueWrapper {
  const part = defineComponent({
    setup() {
      const canvas = useTemplateRef<HTMLCanvasElement>("canvas");
      useTimeSeriesChart({
        canvas,
        view: () => ({
          samples: streamSamples(table),
          lines: [{ name: "a", colour: 0 }],
          rangeMs: 60_000,
          endMs: table.lastMs,
          max: null,
          leastMax: 10,
          mostMax,
          binary: false,
          format: String,
          markers: [{ tMs: T0 + 1000, tone: "fault", endpoint: "demo", text: "it died" }],
        }),
        redrawOn: [version],
        recolourOn: recolour,
      });
      return () => h("canvas", { ref: "canvas" });
    },
  });
  return mount(part, { attachTo: document.body });
}

function tableOf(...values: number[]): SeriesTable {
  const table = new SeriesTable(100);
  values.forEach((value, index) => {
    table.append(T0 + index * 1000, new Map([["a", value]]));
  });
  return table;
}

function chartOf(wrapper: VueWrapper): Chart | undefined {
  return Chart.getChart(wrapper.element as HTMLCanvasElement);
}

describe("useTimeSeriesChart", () => {
  it("draws nothing until its canvas comes into view", async () => {
    const wrapper = chartOn(tableOf(1, 2, 3));
    version.value += 1;
    await nextTick();
    expect(chartOf(wrapper)?.data.datasets).toEqual([]);
    setInView(true);
    expect(chartOf(wrapper)?.data.datasets[0]?.data).toHaveLength(3);
  });

  it("catches up when it is scrolled back into view", async () => {
    const table = tableOf(1);
    const wrapper = chartOn(table);
    setInView(true);
    setInView(false);
    table.append(T0 + 1000, new Map([["a", 2]]));
    version.value += 1;
    await nextTick();
    expect(chartOf(wrapper)?.data.datasets[0]?.data).toHaveLength(1);
    setInView(true);
    expect(chartOf(wrapper)?.data.datasets[0]?.data).toHaveLength(2);
  });

  it("shows the range up to the newest sample, from zero to a round number", () => {
    const wrapper = chartOn(tableOf(1, 17));
    setInView(true);
    const { x, y } = chartOf(wrapper)?.scales ?? {};
    expect([x?.min, x?.max]).toEqual([T0 + 1000 - 60_000, T0 + 1000]);
    expect([y?.min, y?.max]).toEqual([0, 20]);
  });

  it("has the axis of now before it is first seen", () => {
    const wrapper = chartOn(tableOf(1, 17));
    const { x } = chartOf(wrapper)?.scales ?? {};
    expect([x?.min, x?.max]).toEqual([T0 + 1000 - 60_000, T0 + 1000]);
  });

  it("leaves no room above the greatest value there can be", () => {
    const wrapper = chartOn(tableOf(1, 98), 100);
    setInView(true);
    expect(chartOf(wrapper)?.scales["y"]?.max).toBe(100);
  });

  it("marks events and the shared cursor, and follows the cursor without new data", async () => {
    const wrapper = chartOn(tableOf(1, 2, 3));
    setInView(true);
    const { calls } = drawingOf(wrapper.element as Element);
    expect(calls.filter((call) => call === "setLineDash").length).toBeGreaterThan(0);
    const before = calls.length;
    cursorMs.value = T0 + 1500;
    await nextTick();
    expect(calls.length).toBeGreaterThan(before);
    cursorMs.value = null;
  });

  it("makes its lines anew when the colours change", async () => {
    const wrapper = chartOn(tableOf(1));
    setInView(true);
    const before = chartOf(wrapper)?.data.datasets[0];
    recolour.value += 1;
    await nextTick();
    expect(chartOf(wrapper)?.data.datasets[0]).not.toBe(before);
  });

  it("writes its axes as large as the words around it after a move to a larger screen", () => {
    const root = document.documentElement.style;
    root.fontSize = "16px";
    const wrapper = chartOn(tableOf(1, 2, 3));
    setInView(true);
    const context = (wrapper.element as HTMLCanvasElement).getContext("2d");
    expect(context?.font).toMatch(/\b11px /);
    root.fontSize = "24px";
    chartOf(wrapper)?.resize(800, 300);
    expect(context?.font).toMatch(/\b16\.5px /);
    root.fontSize = "";
  });

  it("leaves nothing behind", () => {
    const wrapper = chartOn(tableOf(1));
    setInView(true);
    wrapper.unmount();
    expect(chartOf(wrapper)).toBeUndefined();
  });
});

describe("the palette", () => {
  it("lets fills through and tells lines apart by style too", () => {
    expect(translucent("#102030", 0.5)).toBe("#10203080");
    expect(translucent("red", 0.5)).toBe("red");
    expect([dashOf(0), dashOf(1)]).toEqual([[], [5, 3]]);
  });
});
