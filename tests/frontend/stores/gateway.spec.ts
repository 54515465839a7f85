import { beforeEach, expect, it } from "vitest";

import { useGatewayStore } from "../../../frontend/src/stores/gateway";
import { FakeApi } from "../support/fakeApi";
import { breaker, door, gatewayView, model } from "../support/gateway";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
let gateway: ReturnType<typeof useGatewayStore>;

beforeEach(async () => {
  freshStores();
  api = new FakeApi();
  gateway = useGatewayStore();
  api.answer("/api/gateway", { body: gatewayView() });
  await gateway.refresh();
});

it("keeps what is known when it can no longer be asked, and says so", async () => {
  const known = gateway.view;
  api.answer("/api/gateway", { status: 500, body: {} });
  await gateway.refresh();
  expect(gateway.view).toBe(known);
  expect(gateway.problem).not.toBeNull();
});

it("follows breakers and doors as the stream tells of them", () => {
  gateway.takeEvent({ kind: "gateway", breaker: breaker({ state: "open" }), door: null });
  gateway.takeEvent({ kind: "gateway", breaker: breaker({ endpoint: "two" }), door: null });
  gateway.takeEvent({ kind: "gateway", breaker: null, door: door({ state: "closed" }) });
  expect(gateway.view?.breakers.map((one) => one.state)).toEqual(["open", "closed"]);
  expect([...gateway.troubled.keys()]).toEqual(["demo"]);
  expect(gateway.openDoor?.state).toBe("closed");
  expect(gateway.troubles).toBe(2);
});

it("shows a model as busy for as long as its command takes, also when it fails", async () => {
  let finish: (answer: { status: number; body: unknown }) => void = () => undefined;
  const later = new Promise<{ status: number; body: unknown }>((resolve) => (finish = resolve));
  api.answer("/api/gateway/models/load", later);
  const loading = gateway.command("load", "smol");
  expect(gateway.busyModels.has("smol")).toBe(true);
  finish({ status: 503, body: { title: "No", detail: "no memory", hint: "", problems: [] } });
  await expect(loading).rejects.toThrow("no memory");
  expect(gateway.busyModels.size).toBe(0);
});

it("takes the new state of what was commanded from the answer", async () => {
  api.answer("/api/gateway/models/unload", { body: model({ state: "not_loaded" }) });
  await gateway.command("unload", "smol");
  expect(gateway.view?.models[0]?.state).toBe("not_loaded");
  api.answer("/api/gateway/breakers", { body: breaker({ state: "open", forced: true }) });
  await gateway.setBreaker(breaker(), "open");
  expect(api.asked.at(-1)?.body).toEqual({ endpoint: "demo", model: "smol", action: "open" });
  expect(gateway.view?.breakers[0]?.forced).toBe(true);
  api.answer("/api/gateway/doors/ollama/reopen", {
    body: door({ name: "ollama", state: "moved", actual_port: 11435 }),
  });
  await gateway.reopen("ollama");
  expect(gateway.door("ollama")?.actual_port).toBe(11435);
});
