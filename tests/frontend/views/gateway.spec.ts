import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { beforeEach, expect, it, vi } from "vitest";
import { nextTick } from "vue";

import { useGatewayStore } from "../../../frontend/src/stores/gateway";
import { usePlaygroundStore, type Turn } from "../../../frontend/src/stores/playground";
import { useSessionStore } from "../../../frontend/src/stores/session";
import GatewayPage from "../../../frontend/src/views/GatewayView.vue";
import PlaygroundPage from "../../../frontend/src/views/PlaygroundView.vue";
import type { GatewayView } from "../../../frontend/src/wire/frames";
import { setHidden } from "../support/dom";
import { FakeApi } from "../support/fakeApi";
import { breaker, door, gatewayView, model, request } from "../support/gateway";
import { freshStores, mountPart } from "../support/mountPart";

let api: FakeApi;
const LIST = "/api/gateway/requests?limit=100";

beforeEach(() => {
  // The page asks anew every few seconds: not within a test, however slow the computer is.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  api = new FakeApi();
  api.answer("/api/session", {
    body: { may_change: false, hint: "", token_for_everything: false },
  });
  api.answer(LIST, { body: { running: [], ended: [] } });
});

function turn(id: number): Turn {
  return {
    ...{ id, role: "user", model: "smol", text: "hello", thinking: "", state: "done" },
    finishReason: null,
    measured: { ttftMs: null, pieces: 0, tokensPerS: null, told: null },
  };
}

async function open(page: typeof GatewayPage, view: Partial<GatewayView>): Promise<VueWrapper> {
  api.answer("/api/gateway", { body: gatewayView(view) });
  const mounted = mountPart(page, {}, { pinia: freshStores() });
  await flushPromises();
  return mounted;
}

it("says who has the usual port, and offers to move back once it is free", async () => {
  const moved = door({
    name: "ollama",
    state: "moved",
    port: 11434,
    actual_port: 11435,
    holder: "ollama (pid 42)",
  });
  const page = await open(GatewayPage, { doors: [door(), moved] });
  const card = () => page.get("[data-door=ollama]");
  expect(card().text()).toContain("Port 11434 belongs to ollama (pid 42).");
  expect(page.get("[data-client=ollama]").text()).toContain("http://127.0.0.1:11435");
  useGatewayStore().takeEvent({
    kind: "gateway",
    breaker: null,
    door: { ...moved, free_again: true },
  });
  await flushPromises();
  api.answer("/api/gateway/doors/ollama/reopen", {
    body: door({ name: "ollama", port: 11434, actual_port: 11434 }),
  });
  expect(card().get("[data-test=reopen]").text()).toBe("Move back to 11434");
  await card().get("[data-test=reopen]").trigger("click");
  await flushPromises();
  expect(card().attributes("data-state")).toBe("open");
});

it("says what unloading means for requests under way before it does it", async () => {
  const page = await open(GatewayPage, { models: [model({ in_flight: 2 })] });
  await page.get("[data-model] button").trigger("click");
  await flushPromises();
  expect(document.body.textContent).toContain("2 requests under way will be finished first");
  expect(api.asked.some((one) => one.path.includes("unload"))).toBe(false);
});

it("counts down to the next trial of a breaker and tells why it opened", async () => {
  const shownMs = Date.now();
  const retry = { state: "open", reason: "no connection", failures: 5 } as const;
  const page = await open(GatewayPage, {
    breakers: [breaker({ ...retry, retry_at_ms: shownMs + 20_000 })],
  });
  expect(page.get("[data-breaker=demo]").text()).toContain("no connection");
  useSessionStore().nowMs = shownMs + 12_500;
  await nextTick();
  expect(page.get("[data-breaker=demo]").text()).toContain("Next trial in 8 s");
});

it("folds many breakers that have nothing to tell, and keeps in sight what was pressed", async () => {
  const quiet = Array.from({ length: 7 }, (_, at) => breaker({ endpoint: `calm${String(at)}` }));
  const sick = breaker({ endpoint: "sick", state: "open", failures: 5 });
  const page = await open(GatewayPage, { breakers: [...quiet, sick] });
  const shown = () => page.findAll("[data-breaker]").map((one) => one.attributes("data-breaker"));
  expect(shown()).toEqual(["sick"]);
  api.answer("/api/gateway/breakers", { body: { ...sick, state: "closed", failures: 0 } });
  await page.get("[data-breaker=sick] button").trigger("click");
  await flushPromises();
  expect(page.get("[data-breaker=sick]").attributes("data-state")).toBe("closed");
  const fold = page.get("[data-test=quiet-breakers]");
  expect(fold.text()).toBe("Show 7 closed");
  expect(fold.attributes("aria-expanded")).toBe("false");
  await fold.trigger("click");
  expect(shown()).toHaveLength(8);
  expect(fold.attributes("aria-expanded")).toBe("true");
});

it("shows a handful of closed breakers without asking", async () => {
  const few = Array.from({ length: 5 }, (_, at) => breaker({ endpoint: `calm${String(at)}` }));
  const page = await open(GatewayPage, { breakers: few });
  expect(page.findAll("[data-breaker]")).toHaveLength(5);
  expect(page.find("[data-test=quiet-breakers]").exists()).toBe(false);
});

it("lists running requests above those that ended, and opens one", async () => {
  const running = request({ id: "r2", ending: null, phase: "loading", status: null });
  const failed = request({ id: "r1", ending: "cut_off", error: "the server ended" });
  api.answer(LIST, { body: { running: [running], ended: [failed] } });
  const page = await open(GatewayPage, {});
  const rows = page.findAll("[data-request]");
  expect(rows.map((row) => row.attributes("data-request"))).toEqual(["r2", "r1"]);
  expect(rows[0]?.text()).toContain("Waits for the model");
  await rows[1]?.get("button").trigger("click");
  expect(page.get(".opened").text()).toContain("the server ended");
});

it("asks for nothing while nobody looks", async () => {
  setHidden(true);
  await open(GatewayPage, {});
  expect(api.asked.filter((one) => one.path.startsWith("/api/gateway"))).toEqual([]);
  setHidden(false);
  await flushPromises();
  expect(api.asked.some((one) => one.path === LIST)).toBe(true);
});

it("shows warnings, names of keys, and that a refused page needs the token to be let in", async () => {
  const page = await open(GatewayPage, {
    warnings: ["Everybody gets in."],
    key_required: true,
    keys: ["laptop"],
    refused_origins: [{ origin: "http://app.example", count: 3, last_ms: Date.now() }],
  });
  expect(page.text()).toContain("Everybody gets in.");
  expect(page.get("[data-test=keys]").text()).toContain("laptop");
  await page.get("[data-origin] button").trigger("click");
  await flushPromises();
  expect(page.text()).toContain("llama-runner-pro open");
  expect(api.asked.some((one) => one.method === "POST")).toBe(false);
});

it("says that the gateway is off, and what keeping texts would mean", async () => {
  const page = await open(GatewayPage, { enabled: false, doors: [] });
  expect(page.text()).toContain("The gateway is off");
  expect(page.get("[data-capture=off]").text()).toContain("private words");
});

it("chats with a loaded model first, and says that another one must be loaded", async () => {
  const models = [model({ name: "cold", state: "not_loaded" }), model({ name: "warm" })];
  const page = await open(PlaygroundPage, { models });
  const select = page.get<HTMLSelectElement>("[data-test=model]");
  expect(select.element.value).toBe("warm");
  await select.setValue("cold");
  expect(page.get("[data-test=note]").text()).toContain("your first message loads it");
  expect(page.find("[data-test=key]").exists()).toBe(false);
});

it("shows what was sent, and follows the answer until somebody scrolls up to read", async () => {
  const page = await open(PlaygroundPage, {});
  const log = page.get("[role=log]");
  let height = 1000;
  Object.defineProperties(log.element, {
    scrollHeight: { get: () => height },
    clientHeight: { get: () => 400 },
  });
  const grow = async (turns: readonly Turn[], to: number) => {
    height = to;
    usePlaygroundStore().turns = turns;
    await flushPromises();
    await log.trigger("scroll");
  };
  await grow([turn(1)], 1000);
  await grow([turn(1)], 3000);
  expect(log.element.scrollTop).toBe(3000);
  log.element.scrollTop = 700;
  await log.trigger("scroll");
  await grow([turn(1)], 3500);
  expect(log.element.scrollTop).toBe(700);
  await grow([turn(1), turn(2)], 4000);
  expect(log.element.scrollTop).toBe(4000);
});

it("asks for a key only where one is needed, and says when there is nobody to talk to", async () => {
  const locked = await open(PlaygroundPage, { key_required: true });
  expect(locked.get("[data-test=key]").attributes("type")).toBe("password");
  const shut = await open(PlaygroundPage, {
    doors: [door({ state: "closed", actual_port: null })],
  });
  expect(shut.text()).toContain("The gateway is not open");
});
