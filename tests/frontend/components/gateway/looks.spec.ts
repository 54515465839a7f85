import { expect, it } from "vitest";

import { gatewayNotesOf } from "../../../../frontend/src/components/gateway/cardNotes";
import {
  addressOf,
  isLoopback,
  requestLook,
  requestWord,
} from "../../../../frontend/src/components/gateway/looks";
import { gatewayPlans } from "../../../../frontend/src/panels/gatewayPlans";
import { T0 } from "../../support/frames";
import { breaker, door, gatewayView, model, request } from "../../support/gateway";

it("names the address under which a door is reached from this page", () => {
  expect(addressOf(door({ actual_port: 1235 }), "localhost")).toBe("http://127.0.0.1:1235");
  expect(addressOf(door({ host: "0.0.0.0" }), "box.lan")).toBe("http://box.lan:1234");
  expect(addressOf(door({ host: "::" }), "[fe80::1]")).toBe("http://[fe80::1]:1234");
  expect(addressOf(door({ actual_port: null }), "localhost")).toBeNull();
  expect(addressOf(null, "localhost")).toBeNull();
});

it("knows this computer by all its names", () => {
  const names = ["localhost", "127.0.0.1", "[::1]", "box.lan", "192.168.1.4"];
  expect(names.map(isLoopback)).toEqual([true, true, true, false, false]);
});

it("says where a request is and how it ended, and shows a client that left as no failure", () => {
  const queued = request({ ending: null, phase: "queued", position: 2 });
  expect(requestWord(queued)).toBe("Queued, place 2");
  const loading = { ending: null, phase: "loading", load_ratio: 0.429 } as const;
  expect(requestWord(request(loading))).toBe("Waits for the model, 42 %");
  expect(requestWord(request({ ...loading, position: 2 }))).toBe(
    "Waits for the model, 42 %, place 2",
  );
  expect(requestLook(queued).tone).toBe("busy");
  expect(requestWord(request({ ending: "stalled" }))).toBe("Went silent");
  expect(requestLook(request({ ending: "stalled" })).tone).toBe("bad");
  expect(requestLook(request({ ending: "client_gone" })).tone).toBe("off");
});

it("puts on a card what holds its requests back, and when its model comes and goes", () => {
  const view = gatewayView({
    breakers: [breaker({ state: "open" }), breaker({ endpoint: "two", state: "open" })],
    models: [model({ expires_ms: T0 + 61_000 })],
  });
  const notes = gatewayNotesOf(view, "demo", T0).map((one) => one.text);
  expect(notes).toHaveLength(2);
  expect(notes[0]).toContain("circuit breaker is open");
  expect(notes[1]).toMatch(/1\smin\s1\ss/);
  expect(gatewayNotesOf(gatewayView({ enabled: false }), "demo", T0)).toEqual([]);
});

it("draws one line per model, once there is one to draw", () => {
  const names = [
    "gateway_in_flight",
    "model/a/b/ttft_ms",
    "model/two/ttft_ms",
    "model/x/in_flight",
  ];
  const plans = gatewayPlans(names.map((name) => ({ name })));
  const ttft = plans.find((plan) => plan.id === "gateway-ttft");
  expect(ttft?.lines.map((line) => line.label)).toEqual(["a/b", "two"]);
  expect(plans.map((plan) => plan.id)).not.toContain("gateway-tokens");
  expect(gatewayPlans([])).toEqual([]);
});
