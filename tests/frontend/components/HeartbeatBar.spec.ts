import { describe, expect, it } from "vitest";

import HeartbeatBar from "../../../frontend/src/components/HeartbeatBar.vue";
import { drawingOf } from "../support/dom";
import { beat, T0 } from "../support/frames";
import { mountPart } from "../support/mountPart";

const heartbeats = [
  beat({ t_ms: T0 }),
  beat({ t_ms: T0 + 5000, ok: false, state: "offline", reason: "no answer within 2 s" }),
  beat({ t_ms: T0 + 10_000 }),
];

describe("HeartbeatBar", () => {
  it("is a picture with a text alternative", () => {
    const bar = mountPart(HeartbeatBar, { name: "demo", heartbeats });
    const canvas = bar.get("canvas");
    expect(canvas.attributes("role")).toBe("img");
    expect(canvas.attributes("aria-label")).toBe("demo: 1 of the last 3 checks failed");
  });

  it("is told in words when there is nothing to draw", () => {
    const bar = mountPart(HeartbeatBar, { name: "demo", heartbeats: [] });
    expect(bar.text()).toContain("No checks yet");
  });

  it("draws itself again when a check has come", async () => {
    const bar = mountPart(HeartbeatBar, { name: "demo", heartbeats: heartbeats.slice(0, 2) });
    const { calls } = drawingOf(bar.get("canvas").element);
    const before = calls.length;
    await bar.setProps({ heartbeats });
    expect(calls.length).toBeGreaterThan(before);
  });

  it("is read check by check with the arrow keys", async () => {
    const bar = mountPart(HeartbeatBar, { name: "demo", heartbeats });
    const canvas = bar.get("canvas");
    const tip = bar.get("[aria-live]");
    expect(tip.text()).toBe("");
    await canvas.trigger("keydown", { key: "ArrowLeft" });
    expect(tip.text()).toContain("Online");
    await canvas.trigger("keydown", { key: "ArrowLeft" });
    expect(tip.text()).toContain("no answer within 2 s");
    await canvas.trigger("keydown", { key: "Home" });
    await canvas.trigger("keydown", { key: "ArrowLeft" });
    expect(tip.text()).toContain("Online");
    await canvas.trigger("keydown", { key: "ArrowRight" });
    expect(tip.text()).toContain("Offline");
    await canvas.trigger("keydown", { key: "Escape" });
    expect(tip.text()).toBe("");
  });

  it("forgets the chosen check when the focus goes", async () => {
    const bar = mountPart(HeartbeatBar, { name: "demo", heartbeats });
    await bar.get("canvas").trigger("keydown", { key: "End" });
    await bar.get("canvas").trigger("blur");
    expect(bar.get("[aria-live]").text()).toBe("");
  });
});
