import { beforeEach, describe, expect, it } from "vitest";

import { useEndpointsStore } from "../../../frontend/src/stores/endpoints";
import { FakeApi, type Answer } from "../support/fakeApi";
import { beat, endpoint, snapshot, T0 } from "../support/frames";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
let endpoints: ReturnType<typeof useEndpointsStore>;

beforeEach(() => {
  freshStores();
  api = new FakeApi();
  endpoints = useEndpointsStore();
  endpoints.takeSnapshot(snapshot({ endpoints: [endpoint(), endpoint({ name: "a/b" })] }));
});

function operation(name = "demo") {
  return endpoints.operations.get(name);
}

function change(more: Parameters<typeof endpoint>[0]): void {
  endpoints.takeEvent({ kind: "endpoint", endpoint: endpoint(more) });
}

describe("endpoints", () => {
  it("stand in the order of the configuration and are counted", () => {
    expect(endpoints.list.map((view) => view.name)).toEqual(["demo", "a/b"]);
    change({ state: "failed" });
    expect(endpoints.counts).toEqual({ total: 2, serving: 1, bad: 1, off: 0 });
    expect(endpoints.list[0]?.state).toBe("failed");
  });

  it("go when they leave the configuration", () => {
    endpoints.takeEvent({ kind: "endpoint_gone", name: "demo" });
    expect(endpoints.list.map((view) => view.name)).toEqual(["a/b"]);
  });

  it("get each heartbeat once, and keep the last 60", () => {
    for (let n = 0; n < 70; n += 1) {
      const heartbeat = beat({ t_ms: T0 + n, response_ms: n });
      endpoints.takeEvent({ kind: "heartbeat", name: "demo", heartbeat });
      endpoints.takeEvent({ kind: "heartbeat", name: "demo", heartbeat });
    }
    const view = endpoints.byName.get("demo");
    expect(view?.heartbeats).toHaveLength(60);
    expect(view).toMatchObject({ response_ms: 69, last_check_ms: T0 + 69 });
  });

  it("leave the others as they were, so that only the changed card is drawn", () => {
    const other = endpoints.byName.get("a/b");
    change({ state: "healing" });
    expect(endpoints.byName.get("a/b")).toBe(other);
  });

  it("that nobody knows are passed over", () => {
    endpoints.takeEvent({ kind: "heartbeat", name: "ghost", heartbeat: beat() });
    expect(endpoints.list).toHaveLength(2);
  });
});

describe("a command", () => {
  it("runs until the endpoint has come to rest", async () => {
    api.succeed("/api/ai-monitor/models/demo/restart");
    await endpoints.command("demo", "restart");
    expect(operation()?.phase).toBe("running");
    change({ state: "stopping", since_ms: T0 + 1 });
    change({ state: "loading", since_ms: T0 + 2, incarnation: 2 });
    expect(operation()?.phase).toBe("running");
    change({ state: "online", since_ms: T0 + 3, incarnation: 2 });
    expect(operation()).toMatchObject({ phase: "done", text: "Restarted and online" });
  });

  it("ends with the endpoint's own reason when it fails", async () => {
    api.succeed("/api/ai-monitor/models/demo/restart");
    await endpoints.command("demo", "restart");
    change({ state: "failed", since_ms: T0 + 1, reason: "no such file", hint: "check the path" });
    expect(operation()).toMatchObject({
      phase: "failed",
      text: "no such file",
      hint: "check the path",
    });
  });

  it("that is refused says why", async () => {
    const body = { title: "Refused", detail: "it is disabled", hint: "enable it first" };
    api.answer("/api/ai-monitor/models/demo/start", { status: 409, body });
    await endpoints.command("demo", "start");
    expect(operation()).toMatchObject({ phase: "failed", text: "it is disabled" });
  });

  it("is not given twice at a time, and can be dismissed only when it is over", async () => {
    let release: (answer: Answer) => void = () => undefined;
    api.answer("/api/ai-monitor/models/demo/stop", new Promise((resolve) => (release = resolve)));
    const first = endpoints.command("demo", "stop");
    await endpoints.command("demo", "restart");
    endpoints.dismissOperation("demo");
    expect(operation()).toMatchObject({ action: "stop", phase: "running" });
    release({ body: { status: "success", message: "", data: {}, timestamp: "" } });
    await first;
    change({ state: "stopped", since_ms: T0 + 1, pid: null });
    expect(operation()?.phase).toBe("done");
    endpoints.dismissOperation("demo");
    expect(operation()).toBeUndefined();
    expect(api.asked).toHaveLength(1);
  });

  it("works for a name with a slash", async () => {
    api.succeed("/api/ai-monitor/models/a%2Fb/disable");
    await endpoints.command("a/b", "disable");
    expect(operation("a/b")?.phase).toBe("running");
  });

  it("that only draws a warning is over at once", async () => {
    const body = { status: "warning", message: "already running", data: {}, timestamp: "" };
    api.answer("/api/ai-monitor/models/demo/start", { body });
    await endpoints.command("demo", "start");
    expect(operation()).toMatchObject({ phase: "done", text: "already running" });
  });
});

describe("healing", () => {
  const path = "/api/ai-monitor/models/demo/heal";
  const result = {
    name: "demo",
    before: "offline",
    after: "online",
    healed: true,
    duration_ms: 900,
    detail: "answers again",
    incident_id: null,
  };

  it("waits for the report, however healthy the endpoint looks meanwhile", async () => {
    let release: (answer: Answer) => void = () => undefined;
    api.answer(path, new Promise((resolve) => (release = resolve)));
    const healing = endpoints.command("demo", "heal");
    change({ state: "online", since_ms: T0 + 1 });
    expect(operation()?.phase).toBe("running");
    const data = { operation_id: "o", finished: true, results: [result] };
    release({ body: { status: "success", message: "1 of 1 healed", data, timestamp: "" } });
    await healing;
    expect(operation()).toMatchObject({ phase: "done", text: "answers again" });
  });

  it("shows a failed result as failed", async () => {
    const results = [{ ...result, healed: false, detail: "the port is taken" }];
    api.succeed(path, { operation_id: "o", finished: true, results });
    await endpoints.command("demo", "heal");
    expect(operation()).toMatchObject({ phase: "failed", text: "the port is taken" });
  });

  it("of all goes to the ordinary or to the emergency address", async () => {
    const report = { operation_id: "o", finished: true, results: [] };
    api.succeed("/api/ai-monitor/heal", report);
    api.succeed("/api/ai-monitor/heal-now", report);
    await endpoints.healAll(false);
    expect((await endpoints.healAll(true)).finished).toBe(true);
    expect(api.asked.map((one) => one.path)).toEqual([
      "/api/ai-monitor/heal",
      "/api/ai-monitor/heal-now",
    ]);
  });
});
