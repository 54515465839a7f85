import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { WireField } from "../../../frontend/src/wire/frames";
import { PANELS } from "../../../frontend/src/panels";
import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { useSessionStore } from "../../../frontend/src/stores/session";
import { setInView } from "../support/dom";
import { field, hello, snapshot, tick } from "../support/frames";
import { freshStores, mountPart } from "../support/mountPart";

const FIELDS: readonly WireField[] = [
  field(0, "cpu_usage_pct", "cpu"),
  field(1, "load_1m", "cpu"),
  field(2, "memory_usage_pct", "memory"),
  field(3, "swap_used_bytes", "memory"),
  field(4, "gpu0_utilization_pct", "gpu"),
  field(5, "gpu1_utilization_pct", "gpu"),
  field(6, "gpu0_memory_used_bytes", "gpu"),
  field(7, "network_received_bytes_per_s", "network"),
  field(8, "network_sent_bytes_per_s", "network"),
  field(9, "disk_read_bytes_per_s", "disk"),
  field(10, "disk_write_bytes_per_s", "disk"),
  field(11, "model/demo/generation_tokens_per_s", "model"),
  field(12, "model/a/b/generation_tokens_per_s", "model"),
];
const VALUES = Object.fromEntries(FIELDS.map(({ id }) => [id, id === 3 ? 2 ** 30 : 10 + id]));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "requestAnimationFrame"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function panel(id: string): VueWrapper {
  const entry = PANELS.find((one) => one.id === id);
  if (entry === undefined) throw new Error(`no panel ${id}`);
  const pinia = freshStores();
  return mountPart(entry.component, {}, { pinia });
}

async function live(fields: readonly WireField[] = FIELDS, absent = {}): Promise<void> {
  const frames = [hello({ fields: [...fields], absent }), snapshot({ values: VALUES })] as const;
  for (const frame of frames) useSessionStore().takeFrame(frame, false);
  useMetricsStore().takeHello(frames[0], false);
  useMetricsStore().takeSnapshot(frames[1]);
  vi.advanceTimersToNextFrame();
  await flushPromises();
  setInView(true);
}

function words(wrapper: VueWrapper): string {
  return wrapper.text().replaceAll("\u00a0", " ");
}

describe("every panel", () => {
  it.each(PANELS.map((one) => one.id))("%s waits, then draws what comes", async (id) => {
    const wrapper = panel(id);
    expect(wrapper.text()).toContain("Waiting for the first sample…");
    await live();
    const canvas = wrapper.get("canvas");
    expect(canvas.attributes("role")).toBe("img");
    expect(canvas.attributes("aria-label")).toMatch(/now .+ between/);
  });

  it.each(["cpu", "memory", "gpu", "network", "disk"])(
    "%s says in words why this machine has no values, and shows no figure",
    async (id) => {
      const wrapper = panel(id);
      await live([], { [id]: "no such sensor here" });
      expect(wrapper.text()).toContain("Not available on this machine");
      expect(wrapper.text()).toContain("no such sensor here");
      expect(wrapper.find("canvas").exists()).toBe(false);
      expect(wrapper.find(".value").exists()).toBe(false);
    },
  );

  it("shows its age once it is older than three intervals", async () => {
    const wrapper = panel("cpu");
    await live();
    expect(wrapper.classes()).not.toContain("stale");
    vi.setSystemTime(Date.now() + 12_000);
    useSessionStore().tickClock();
    await flushPromises();
    expect(wrapper.classes()).toContain("stale");
    expect(words(wrapper)).toContain("12 s old");
  });
});

describe("single panels", () => {
  it("CPU shows load and a dash for what is not known", async () => {
    const wrapper = panel("cpu");
    await live();
    expect(words(wrapper)).toContain("10 %");
    expect(words(wrapper)).toContain("Load11");
    expect(words(wrapper)).toContain("Cores—");
  });

  it("Memory warns of swap that is in use", async () => {
    const wrapper = panel("memory");
    await live();
    expect(wrapper.get(".warn").text()).toContain("Swap");
  });

  it("GPU draws a line for each and shows the busiest", async () => {
    const wrapper = panel("gpu");
    await live();
    expect(wrapper.get(".value").text()).toMatch(/^15\s%$/);
    expect(wrapper.get("canvas").attributes("aria-label")).toContain("GPU 1 now");
    expect(words(wrapper)).toContain("VRAM");
  });

  it("Generation adds up what the models make, whatever their names", async () => {
    const wrapper = panel("throughput");
    await live();
    expect(words(wrapper)).toContain("43 tok/s");
    expect(words(wrapper)).toContain("a/b");
  });

  it("Generation says what would have to run for it to show something", async () => {
    const wrapper = panel("throughput");
    await live(FIELDS.slice(0, 3));
    expect(words(wrapper)).toContain("No model server reports tokens per second.");
  });

  it("keeps the chart of a sensor that worked and fails now", async () => {
    const wrapper = panel("network");
    await live();
    const fields = [...FIELDS];
    const absent = { network: "the counters cannot be read" };
    useMetricsStore().takeCatalogue({ type: "fields", fields, absent });
    useMetricsStore().takeTick(tick(11, { 7: null, 8: null }));
    vi.advanceTimersToNextFrame();
    await flushPromises();
    expect(wrapper.find("canvas").exists()).toBe(true);
    expect(words(wrapper)).toContain("Received—");
  });
});
