import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Component } from "vue";
import { createMemoryHistory, type Router } from "vue-router";

import { createPages } from "../../../frontend/src/router";
import { useEndpointsStore } from "../../../frontend/src/stores/endpoints";
import { useIncidentsStore } from "../../../frontend/src/stores/incidents";
import { useNoticesStore } from "../../../frontend/src/stores/notices";
import EndpointsView from "../../../frontend/src/views/EndpointsView.vue";
import LogsView from "../../../frontend/src/views/LogsView.vue";
import OverviewView from "../../../frontend/src/views/OverviewView.vue";
import RecoveryView from "../../../frontend/src/views/RecoveryView.vue";
import { FakeApi } from "../support/fakeApi";
import { FakeServer, FakeSocket } from "../support/fakeServer";
import { endpoint, incident, snapshot, T0 } from "../support/frames";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
let server: FakeServer;
let router: Router;
let opened: VueWrapper | null = null;

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: T0 });
  api = new FakeApi();
  api.answer("/api/incidents?limit=200", { body: { incidents: [] } });
  server = new FakeServer();
  vi.stubGlobal(
    "WebSocket",
    class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols[0] ?? "");
        server.sockets.push(this);
      }
    },
  );
});

afterEach(() => {
  opened?.unmount();
  vi.useRealTimers();
});

async function open(view: Component, path: string, frame = snapshot()): Promise<VueWrapper> {
  const pinia = freshStores();
  useEndpointsStore().takeSnapshot(frame);
  useIncidentsStore().takeSnapshot(frame);
  router = createPages(createMemoryHistory());
  await router.push(path);
  opened = mount(view, {
    attachTo: document.body,
    global: { plugins: [pinia, router], stubs: { transition: false } },
  });
  await flushPromises();
  return opened;
}

const SICK = snapshot({
  endpoints: [
    endpoint(),
    endpoint({ name: "sick", state: "failed", reason: "no memory" }),
    endpoint({ name: "off", state: "disabled", enabled: false }),
  ],
});

describe("Overview", () => {
  it("puts servers that need somebody first and says how many are online", async () => {
    const view = await open(OverviewView, "/", SICK);
    expect(view.text()).toContain("1 of 3 online");
    expect(view.findAll(".strip .name").map((name) => name.text())).toEqual([
      "sick",
      "demo",
      "off",
    ]);
    expect(view.text()).toContain("no memory");
  });

  it("says how to set servers up when there are none", async () => {
    const view = await open(OverviewView, "/");
    expect(view.text()).toContain("No model servers are set up");
    expect(view.text()).toContain("serve --demo");
  });

  it("remembers recent incidents when none is open", async () => {
    const closed = incident({ closed_ms: T0 - 60_000, outcome: "healed", duration_ms: 1150 });
    const view = await open(OverviewView, "/", snapshot({ incidents: [closed] }));
    const words = view.get(".open-incidents").text().replaceAll("\u00a0", " ");
    expect(words).toContain("No open incidents");
    expect(words).toContain("Healed in 1.15 s");
    expect(words).toContain("1 min ago");
  });
});

describe("Endpoints", () => {
  it("has a card for each", async () => {
    const view = await open(EndpointsView, "/endpoints", SICK);
    expect(view.findAll("article")).toHaveLength(3);
  });

  it("heals all and tells what came of it", async () => {
    const results = [
      { name: "sick", before: "failed", after: "failed", healed: false, detail: "no memory" },
    ];
    api.succeed("/api/ai-monitor/heal", { operation_id: "o", finished: true, results });
    const view = await open(EndpointsView, "/endpoints", SICK);
    await view.get("[data-test=heal-all]").trigger("click");
    await flushPromises();
    expect(useNoticesStore().list).toMatchObject([
      { tone: "bad", title: "Heal all", detail: "0 of 1 healed. sick: no memory" },
    ]);
  });

  it("names the targets of an emergency heal and does nothing without a yes", async () => {
    api.succeed("/api/ai-monitor/heal-now", { operation_id: "o", finished: true, results: [] });
    const view = await open(EndpointsView, "/endpoints", SICK);
    await view.get("[data-test=emergency]").trigger("click");
    await flushPromises();
    const dialog = view.findAll("[role=dialog]").at(-1);
    expect(dialog?.findAll("li").map((item) => item.text())).toEqual(["sick"]);
    expect(api.asked).toEqual([]);
    await dialog?.get("[data-test=confirm]").trigger("click");
    await flushPromises();
    expect(api.asked.map((one) => one.path)).toEqual(["/api/ai-monitor/heal-now"]);
    expect(useNoticesStore().list.at(-1)?.detail).toContain("Nothing to heal");
  });

  it("has nothing to confirm when all is well", async () => {
    const view = await open(EndpointsView, "/endpoints", snapshot({ endpoints: [endpoint()] }));
    await view.get("[data-test=emergency]").trigger("click");
    await flushPromises();
    const dialog = view.findAll("[role=dialog]").at(-1);
    expect(dialog?.text()).toContain("there is nothing to repair");
    expect(dialog?.find("[data-test=confirm]").exists()).toBe(false);
  });

  it("shows a refusal instead of swallowing it", async () => {
    const view = await open(EndpointsView, "/endpoints", SICK);
    await view.get("[data-test=heal-all]").trigger("click");
    await flushPromises();
    expect(useNoticesStore().list).toMatchObject([{ tone: "bad", title: "Heal all" }]);
  });
});

describe("Recovery", () => {
  const frame = snapshot({
    endpoints: [endpoint(), endpoint({ name: "other" })],
    incidents: [
      incident({ id: "new", opened_ms: T0 + 2 }),
      incident({ id: "old", opened_ms: T0 + 1, endpoint: "other" }),
    ],
  });

  it("opens the newest incident, and the one that was asked for", async () => {
    const expanded = (view: VueWrapper) =>
      view
        .findAll("article")
        .filter((one) => one.get("button").attributes("aria-expanded") === "true")
        .map((one) => one.attributes("data-incident"));
    expect(expanded(await open(RecoveryView, "/recovery", frame))).toEqual(["new"]);
    opened?.unmount();
    expect(expanded(await open(RecoveryView, "/recovery?incident=old", frame))).toEqual(["old"]);
  });

  it("leaves only those of the chosen endpoint", async () => {
    const view = await open(RecoveryView, "/recovery", frame);
    await view.get("select").setValue("other");
    expect(view.findAll("article").map((one) => one.attributes("data-incident"))).toEqual(["old"]);
    expect(view.text()).toContain("1 incident");
  });

  it("says what will stand here as long as nothing has happened", async () => {
    expect((await open(RecoveryView, "/recovery")).text()).toContain("No incidents");
  });
});

describe("Logs", () => {
  function send(...texts: string[]): void {
    const lines = texts.map((text) => ({ source: "x", t_ms: null, level: null, text }));
    server.socket.deliver(JSON.stringify({ type: "lines", lines, skipped_bytes: 0 }));
  }

  async function follow(path = "/logs"): Promise<VueWrapper> {
    const view = await open(LogsView, path, snapshot({ endpoints: [endpoint()] }));
    server.socket.accept();
    send("one", "two");
    await flushPromises();
    return view;
  }

  const linesOf = (view: VueWrapper) => view.findAll("li").map((line) => line.text());

  it("shows the end of the monitor's log and what is added to it", async () => {
    const view = await follow();
    send("three");
    await flushPromises();
    expect(server.socket.url).toContain("source=monitor");
    expect(linesOf(view)).toEqual(["one", "two", "three"]);
  });

  it("follows the endpoint that the address names, and another one when it is chosen", async () => {
    const view = await follow("/logs?source=demo");
    expect(server.socket.url).toContain("source=demo");
    await view.get("select").setValue("recovery");
    await flushPromises();
    expect(server.socket.url).toContain("source=recovery");
    expect(linesOf(view)).toEqual([]);
    expect(router.currentRoute.value.query["source"]).toBe("recovery");
  });

  it("asks anew once typing has settled, and says when nothing matches", async () => {
    const view = await follow();
    const input = view.get("input");
    await input.setValue("err");
    await input.setValue("error");
    expect(server.sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(server.sockets).toHaveLength(2);
    expect(server.socket.url).toContain("q=error");
    server.socket.accept();
    send();
    await flushPromises();
    expect(view.text()).toContain("No line matches the filter");
  });

  it("holds lines back while paused and counts them", async () => {
    const view = await follow();
    const pause = view.findAll("button").find((button) => button.text() === "Pause");
    await pause?.trigger("click");
    send("three");
    await flushPromises();
    expect(linesOf(view)).toEqual(["one", "two"]);
    expect(pause?.text()).toBe("Resume (1 new)");
    await pause?.trigger("click");
    expect(linesOf(view)).toEqual(["one", "two", "three"]);
  });

  it("clears what is shown", async () => {
    const view = await follow();
    await view
      .findAll("button")
      .find((button) => button.text() === "Clear")
      ?.trigger("click");
    expect(linesOf(view)).toEqual([]);
  });
});
