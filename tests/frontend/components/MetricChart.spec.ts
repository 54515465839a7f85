import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import CpuPanel from "../../../frontend/src/panels/CpuPanel.vue";
import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { usePastStore, type PastSeries } from "../../../frontend/src/stores/past";
import { usePreferencesStore } from "../../../frontend/src/stores/preferences";
import { useTimeframeStore } from "../../../frontend/src/stores/timeframe";
import { setInView } from "../support/dom";
import { FakeApi } from "../support/fakeApi";
import { hello, snapshot, T0 } from "../support/frames";
import { answer, pastSeries } from "../support/history";
import { freshStores, mountPart } from "../support/mountPart";

let wrapper: VueWrapper;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date", "requestAnimationFrame"] });
  const pinia = freshStores();
  wrapper = mountPart(CpuPanel, {}, { pinia });
  const metrics = useMetricsStore();
  metrics.takeHello(hello(), false);
  metrics.takeSnapshot(snapshot());
  vi.advanceTimersToNextFrame();
  await flushPromises();
  setInView(true);
  await flushPromises();
});

afterEach(() => {
  wrapper.unmount();
  vi.useRealTimers();
});

async function showPast(...avg: (number | null)[]): Promise<void> {
  usePreferencesStore().rangeS = 3_600;
  useTimeframeStore().advance(T0 + 60 * 60_000);
  const one = pastSeries("cpu_usage_pct", avg);
  const series: PastSeries = { ...one, tMs: answer([one]).t_ms, stepMs: 60_000 };
  usePastStore().series = new Map([["cpu_usage_pct", series]]);
  await flushPromises();
}

async function choose(choice: string): Promise<void> {
  await wrapper.get("[data-test=panel-menu]").trigger("click");
  await wrapper.get(`[data-choice=${choice}]`).trigger("click");
  await flushPromises();
}

describe("a chart of the past", () => {
  it("asks for its series while it is in view, and not afterwards", async () => {
    expect(usePastStore().wanted()).toEqual(["cpu_usage_pct"]);
    setInView(false);
    await flushPromises();
    expect(usePastStore().wanted()).toEqual([]);
    expect(usePastStore().onPage()).toEqual(["cpu_usage_pct"]);
    wrapper.unmount();
    expect(usePastStore().onPage()).toEqual([]);
  });

  it("sums up the buckets in words", async () => {
    await showPast(20, null, 30);
    const words = wrapper.get("canvas").attributes("aria-label")?.replaceAll("\u00a0", " ");
    expect(words).toBe("CPU, last 1 h: CPU now 30 %, between 19 % and 40 %.");
  });

  it("says that it is loading, then why it cannot show anything", async () => {
    usePreferencesStore().rangeS = 3_600;
    await flushPromises();
    expect(wrapper.text()).toContain("Loading the past…");
    usePastStore().problem = { code: "history_off", title: "History is off", hint: "Turn it on." };
    await flushPromises();
    expect(wrapper.text()).toContain("History is off");
    expect(wrapper.get(".chart-notice a").attributes("href")).toContain("part=history");
  });

  it("says that nothing has been recorded yet", async () => {
    usePreferencesStore().rangeS = 3_600;
    usePastStore().unknown = new Set(["cpu_usage_pct"]);
    await flushPromises();
    expect(wrapper.text()).toContain("Nothing recorded yet");
  });
});

describe("the menu of a panel", () => {
  it("turns the chart into a table and back", async () => {
    await choose("table");
    expect(wrapper.get("table").text()).toContain("12");
    expect(wrapper.get("canvas").isVisible()).toBe(false);
    await choose("table");
    expect(wrapper.find("table").exists()).toBe(false);
  });

  it("closes on Escape and gives the focus back", async () => {
    const button = wrapper.get("[data-test=panel-menu]");
    await button.trigger("click");
    await flushPromises();
    expect(document.activeElement?.getAttribute("role")).toBe("menuitem");
    await wrapper.get(".menu-button").trigger("keydown", { key: "Escape" });
    expect(button.attributes("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(button.element);
  });

  it("exports exactly what is on show", async () => {
    const api = new FakeApi();
    api.answer("/api/history/export", { body: "time,t_ms" });
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x" }));
    const saved: string[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click");
    click.mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    await choose("csv");
    const [asked] = api.asked;
    const query = new URLSearchParams(asked?.path.split("?")[1]);
    expect(query.get("series")).toBe("cpu_usage_pct");
    expect([query.get("from"), query.get("to")]).toEqual([String(T0 - 900_000), String(T0)]);
    expect(saved[0]).toMatch(/_cpu_usage_pct_20231114T215820Z_20231114T221320Z\.csv$/);
    click.mockRestore();
  });
});

describe("keys on a chart", () => {
  it("move the cursor and tell what is under it", async () => {
    const canvas = wrapper.get("canvas");
    await canvas.trigger("focus");
    await canvas.trigger("keydown", { key: "End" });
    await flushPromises();
    expect(wrapper.get("[aria-live=polite]").text()).toMatch(/CPU 12/);
    await canvas.trigger("keydown", { key: "Escape" });
    expect(wrapper.find(".readout").exists()).toBe(false);
  });
});
