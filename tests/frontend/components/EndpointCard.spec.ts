import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import EndpointCard from "../../../frontend/src/components/EndpointCard.vue";
import { useEndpointsStore } from "../../../frontend/src/stores/endpoints";
import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { useSessionStore } from "../../../frontend/src/stores/session";
import type { EndpointState, EndpointView } from "../../../frontend/src/wire/frames";
import { FakeApi } from "../support/fakeApi";
import { beat, endpoint, field, hello, snapshot, T0 } from "../support/frames";
import { freshStores, mountPart } from "../support/mountPart";

beforeEach(() => {
  vi.useFakeTimers({ now: T0 + 65_000, toFake: ["Date", "requestAnimationFrame"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function card(more: Partial<EndpointView> = {}): VueWrapper {
  const pinia = freshStores();
  const view = endpoint(more);
  useEndpointsStore().takeSnapshot(snapshot({ endpoints: [view] }));
  return mountPart(EndpointCard, { endpoint: view }, { pinia });
}

function buttonsOf(wrapper: VueWrapper): Record<string, boolean> {
  const buttons = wrapper.findAll("[data-action]");
  return Object.fromEntries(
    buttons.map((button) => [
      button.attributes("data-action") ?? "",
      button.attributes("disabled") === undefined,
    ]),
  );
}

interface Row {
  readonly state: EndpointState;
  readonly word: string;
  readonly actions: string[];
  readonly buttons: Record<string, boolean>;
}

const RUNNING = { stop: true, restart: true, heal: true, disable: true };
const ROWS: readonly Row[] = [
  { state: "online", word: "Online", actions: Object.keys(RUNNING), buttons: RUNNING },
  { state: "degraded", word: "Degraded", actions: Object.keys(RUNNING), buttons: RUNNING },
  {
    state: "loading",
    word: "Loading model",
    actions: ["disable", "stop", "restart"],
    buttons: { ...RUNNING, heal: false },
  },
  {
    state: "stopping",
    word: "Stopping",
    actions: ["disable"],
    buttons: { stop: false, restart: false, heal: false, disable: true },
  },
  {
    state: "stopped",
    word: "Stopped",
    actions: ["disable", "start"],
    buttons: { start: true, heal: false, disable: true },
  },
  {
    state: "failed",
    word: "Failed",
    actions: ["disable", "start", "heal"],
    buttons: { start: true, heal: true, disable: true },
  },
  {
    state: "backoff",
    word: "Waiting to retry",
    actions: ["disable", "start", "stop", "restart", "heal"],
    buttons: RUNNING,
  },
];

describe("EndpointCard", () => {
  it.each(ROWS)("shows $state as word, icon and tone, with its buttons", (row) => {
    const wrapper = card({ state: row.state, actions: row.actions });
    const tag = wrapper.get(".status-tag");
    expect(tag.text()).toBe(row.word);
    expect(tag.find("svg").exists()).toBe(true);
    expect(tag.classes().some((name) => name.startsWith("tone-"))).toBe(true);
    expect(buttonsOf(wrapper)).toEqual(row.buttons);
    expect(wrapper.get("article").attributes("aria-label")).toBe(`demo: ${row.word}`);
  });

  it("offers a disabled one to be enabled, and its process to be stopped while it runs", () => {
    expect(buttonsOf(card({ state: "disabled", enabled: false, actions: ["enable"] }))).toEqual({
      enable: true,
    });
    const alive = card({ state: "disabled", enabled: false, actions: ["enable", "stop"] });
    expect(buttonsOf(alive)).toEqual({ enable: true, stop: true });
  });

  it("offers nothing that could not be done for a server that we cannot start", () => {
    const wrapper = card({ state: "offline", startable: false, actions: ["disable"] });
    expect(buttonsOf(wrapper)).toEqual({ disable: true });
    expect(wrapper.text()).toContain("no start command is configured");
  });

  it("tells response, restarts, uptime, pid, and dashes for what is not known", () => {
    const wrapper = card();
    const facts = Object.fromEntries(
      wrapper
        .findAll("[data-fact]")
        .map((fact) => [
          fact.attributes("data-fact") ?? "",
          fact.get("dd").text().replaceAll("\u00a0", " "),
        ]),
    );
    expect(facts).toEqual({
      response: "3.4 ms",
      tokens: "—",
      cpu: "—",
      memory: "—",
      uptime: "99.5 %",
      restarts: "2",
      pid: "4242",
    });
  });

  it("shows CPU, memory and tokens of its process as they change", async () => {
    const wrapper = card();
    const metrics = useMetricsStore();
    const fields = [
      field(0, "endpoint/demo/cpu_pct", "endpoint"),
      field(1, "endpoint/demo/rss_bytes", "endpoint"),
      field(2, "model/demo/generation_tokens_per_s", "model"),
    ];
    metrics.takeHello(hello({ fields }), false);
    metrics.takeSnapshot(snapshot({ values: { 0: 112, 1: 224_395_264, 2: 78.8 } }));
    vi.advanceTimersToNextFrame();
    await flushPromises();
    expect(wrapper.get("[data-fact=cpu]").text()).toContain("112");
    expect(wrapper.get("[data-fact=memory]").text()).toContain("214");
    expect(wrapper.get("[data-fact=tokens]").text()).toContain("78.8");
  });

  it("says why it failed and what to do", () => {
    const wrapper = card({
      state: "failed",
      reason: "port 8000 is held by nginx",
      hint: "stop it",
    });
    expect(wrapper.get(".reason").text()).toBe("port 8000 is held by nginx");
    expect(wrapper.get(".hint").text()).toBe("stop it");
  });

  it("shows the running step and links to its incident", () => {
    const wrapper = card({
      state: "healing",
      step: "wait_ready",
      step_since_ms: T0 + 64_000,
      incident_id: "i 7",
      attempt: 2,
    });
    const progress = wrapper.get(".progress").text().replaceAll("\u00a0", " ");
    expect(progress).toContain("Waited until ready");
    expect(progress).toContain("1 s");
    expect(progress).toContain("Attempt 2 of 5");
    expect(wrapper.get(".notice a").attributes("href")).toBe("/recovery?incident=i+7");
  });

  it("counts down to the next attempt", async () => {
    const wrapper = card({ state: "backoff", next_attempt_at_ms: T0 + 73_000, attempt: 3 });
    expect(wrapper.get(".progress").text()).toMatch(/Next attempt in 8\ss/);
    useSessionStore().nowMs += 5000;
    await flushPromises();
    expect(wrapper.get(".progress").text()).toMatch(/Next attempt in 3\ss/);
  });

  it("keeps quiet about the past of a healthy one", () => {
    const wrapper = card({ error_message: "was killed once", heartbeats: [beat()] });
    expect(wrapper.find(".notice").exists()).toBe(false);
  });
});

describe("a press on a button", () => {
  it("shows progress, greys the buttons, and then the outcome", async () => {
    const api = new FakeApi();
    api.succeed("/api/ai-monitor/models/demo/start");
    const wrapper = card({ state: "stopped", actions: ["start", "disable"], pid: null });
    await wrapper.get("[data-action=start]").trigger("click");
    await flushPromises();
    expect(wrapper.get(".operation").text()).toBe("Starting…");
    expect(buttonsOf(wrapper)).toEqual({ start: false, heal: false, disable: false });
    const online = endpoint({ since_ms: T0 + 1 });
    useEndpointsStore().takeEvent({ kind: "endpoint", endpoint: online });
    await flushPromises();
    expect(wrapper.get(".operation").text()).toContain("Started and online");
    await wrapper.get(".operation button").trigger("click");
    expect(wrapper.find(".operation").exists()).toBe(false);
  });

  it("that cuts requests asks first, and does nothing when the answer is no", async () => {
    const api = new FakeApi();
    api.succeed("/api/ai-monitor/models/demo/stop");
    const wrapper = card();
    await wrapper.get("[data-action=stop]").trigger("click");
    await flushPromises();
    expect(wrapper.get("[role=dialog]").text()).toContain("Stop demo?");
    await wrapper.get("[data-test=cancel]").trigger("click");
    expect(api.asked).toEqual([]);
    await wrapper.get("[data-action=stop]").trigger("click");
    await flushPromises();
    await wrapper.get("[data-test=confirm]").trigger("click");
    await flushPromises();
    expect(api.asked.map((one) => one.path)).toEqual(["/api/ai-monitor/models/demo/stop"]);
  });

  it("does not ask when nothing is running that could be cut", async () => {
    const api = new FakeApi();
    api.succeed("/api/ai-monitor/models/demo/disable");
    const wrapper = card({ state: "failed", actions: ["start", "heal", "disable"] });
    await wrapper.get("[data-action=disable]").trigger("click");
    expect(api.asked).toHaveLength(1);
  });
});
