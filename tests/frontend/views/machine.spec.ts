import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import FleetView from "../../../frontend/src/views/FleetView.vue";
import MachineView from "../../../frontend/src/views/MachineView.vue";
import LoadProgress from "../../../frontend/src/components/LoadProgress.vue";
import HistoryPanel from "../../../frontend/src/components/settings/HistoryPanel.vue";
import NavBar from "../../../frontend/src/components/NavBar.vue";
import { useFleetStore } from "../../../frontend/src/stores/fleet";
import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { FakeApi } from "../support/fakeApi";
import { endpoint, field, hello, snapshot } from "../support/frames";
import { fleet, host, stats } from "../support/history";
import { freshStores, mountPart } from "../support/mountPart";

let api: FakeApi;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame"] });
  freshStores();
  api = new FakeApi();
});

afterEach(() => {
  vi.useRealTimers();
});

async function live(...frames: Parameters<typeof hello>): Promise<void> {
  const metrics = useMetricsStore();
  metrics.takeHello(hello(...frames), false);
  metrics.takeSnapshot(snapshot());
  vi.advanceTimersToNextFrame();
  await flushPromises();
}

describe("the machine's page", () => {
  it("has a chart for what is measured and a reason for what is not", async () => {
    const wrapper = mountPart(MachineView, {}, { pinia: freshStores() });
    await live({ absent: { gpu: "no driver here" } });
    expect(wrapper.find("[aria-label='Processor: In use'] canvas").exists()).toBe(true);
    expect(wrapper.get("#gpu").text()).toContain("no driver here");
    expect(wrapper.find("#gpu canvas").exists()).toBe(false);
    wrapper.unmount();
  });

  it("asks for each core only while it is open", () => {
    const wrapper = mountPart(MachineView, {}, { pinia: freshStores() });
    expect(useMetricsStore().detailViews).toBe(1);
    wrapper.unmount();
    expect(useMetricsStore().detailViews).toBe(0);
  });
});

describe("load progress", () => {
  it("shows how much of the model is read, while it is read", async () => {
    const loading = endpoint({ state: "loading" });
    const wrapper = mountPart(LoadProgress, { endpoint: loading }, { pinia: freshStores() });
    expect(wrapper.find("progress").exists()).toBe(false);
    await live({ fields: [field(0, "endpoint/demo/load_progress_ratio", "endpoint")] });
    const metrics = useMetricsStore();
    metrics.takeTick({ type: "tick", seq: 11, t_ms: 1, values: { 0: 0.42 }, full: false });
    vi.advanceTimersToNextFrame();
    await flushPromises();
    expect(wrapper.get("progress").attributes("value")).toBe("42");
    await wrapper.setProps({ endpoint: endpoint({ state: "online" }) });
    expect(wrapper.find("progress").exists()).toBe(false);
  });
});

describe("the fleet's page", () => {
  it("lists the hosts as they come, says what is wrong, and filters them", async () => {
    const bad = host("b", { severity: "critical", problems: ["1 model server has failed"] });
    api.answer("/api/fleet", { body: fleet([bad, host("a")]) });
    const wrapper = mountPart(FleetView, {}, { pinia: freshStores() });
    await flushPromises();
    const rows = () => wrapper.findAll("tbody tr").map((row) => row.attributes("data-host"));
    expect(rows()).toEqual(["b", "a"]);
    expect(wrapper.get("tbody tr").text()).toContain("1 model server has failed");
    expect(wrapper.get("tbody a").attributes("href")).toBe("/fleet/host?host=b");
    await wrapper.get("input").setValue("failed");
    expect(rows()).toEqual(["b"]);
    await wrapper.get("input").setValue("nothing like it");
    expect(wrapper.text()).toContain("No host matches the filter");
    wrapper.unmount();
  });

  it("names a store that does not answer and still shows this computer", async () => {
    const body = fleet([host("here")], { available: false, reason: "it refused the connection" });
    api.answer("/api/fleet", { body });
    const wrapper = mountPart(FleetView, {}, { pinia: freshStores() });
    await flushPromises();
    expect(wrapper.text()).toContain("it refused the connection");
    expect(wrapper.findAll("tbody tr")).toHaveLength(1);
    wrapper.unmount();
  });

  it("is in the navigation only when there is more than this computer", async () => {
    const wrapper = mountPart(NavBar, {}, { pinia: freshStores() });
    expect(wrapper.text()).not.toContain("Fleet");
    api.answer("/api/fleet", { body: fleet([host("a"), host("b")], { backend: "embedded" }) });
    await useFleetStore().load();
    await flushPromises();
    expect(wrapper.text()).toContain("Fleet");
    wrapper.unmount();
  });
});

describe("what is kept", () => {
  it("says how large the file is and becomes, and what was set aside", async () => {
    api.answer("/api/history/stats", { body: stats({ set_aside: "history.db.damaged" }) });
    const wrapper = mountPart(HistoryPanel, {}, { pinia: freshStores() });
    await flushPromises();
    const words = wrapper.text().replaceAll("\u00a0", " ");
    expect(words).toContain("38.1 MiB of at most 191 MiB");
    expect(words).toContain("114 MiB");
    expect(words).toContain("history.db.damaged");
  });

  it("says why it cannot be read", async () => {
    const body = stats({ available: false, reason: "the disk is full" });
    api.answer("/api/history/stats", { body });
    const wrapper = mountPart(HistoryPanel, {}, { pinia: freshStores() });
    await flushPromises();
    expect(wrapper.text()).toContain("the disk is full");
  });
});
