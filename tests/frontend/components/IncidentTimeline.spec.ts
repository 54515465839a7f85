import { describe, expect, it } from "vitest";

import {
  evidenceFacts,
  outcomeLook,
  stepRows,
} from "../../../frontend/src/components/incidentParts";
import IncidentTimeline from "../../../frontend/src/components/IncidentTimeline.vue";
import type { Incident } from "../../../frontend/src/wire/frames";
import { incident, T0 } from "../support/frames";
import { mountPart } from "../support/mountPart";

const STEPS: Incident["steps"] = [
  { step: "detected", t_ms: T0, ok: true, duration_ms: 10, detail: "exit event" },
  { step: "start", t_ms: T0 + 10, ok: true, duration_ms: 90, detail: "" },
  { step: "wait_ready", t_ms: T0 + 100, ok: null, duration_ms: null, detail: "" },
];
const OPEN = incident({ steps: STEPS });
const HEALED = incident({
  steps: [...STEPS.slice(0, 2), { ...STEPS[1], step: "close", t_ms: T0 + 100, detail: "done" }],
  closed_ms: T0 + 190,
  outcome: "healed",
  duration_ms: 190,
  evidence: {
    ...OPEN.evidence,
    pid: 7,
    signal: "SIGKILL",
    rss_bytes: 1024,
    log_tail: ["line one", "line two"],
  },
} as Partial<Incident>);

describe("stepRows", () => {
  it("place each step in the time of the whole repair", () => {
    const rows = stepRows(OPEN, T0 + 200);
    expect(rows.map((row) => Math.round(row.start * 100))).toEqual([0, 5, 50]);
    expect(rows.map((row) => Math.round(row.width * 100))).toEqual([5, 45, 50]);
  });

  it("let the running step grow with the clock", () => {
    const running = stepRows(OPEN, T0 + 1100).at(-1);
    expect(running).toMatchObject({ running: true, tone: "busy" });
    expect(running?.duration).toMatch(/^1\ss$/);
  });

  it("never draw past the end, and name a step that is new to this page", () => {
    const instant = incident({
      steps: [{ step: "teleport", t_ms: T0, ok: false, duration_ms: 0, detail: "" }],
      closed_ms: T0,
    });
    const [row] = stepRows(instant, T0);
    expect(row).toMatchObject({ label: "teleport", tone: "bad" });
    expect((row?.start ?? 1) + (row?.width ?? 1)).toBeLessThanOrEqual(1);
  });
});

describe("outcomeLook", () => {
  it.each([
    [null, "In progress"],
    ["healed", "Healed"],
    ["failed", "Not healed"],
    ["stopped", "Stopped"],
    ["false_alarm", "False alarm"],
  ] as const)("%s is told as %s", (outcome, word) => {
    expect(outcomeLook(incident({ outcome })).word).toBe(word);
  });
});

describe("evidenceFacts", () => {
  it("names what is known and leaves out the rest", () => {
    expect(evidenceFacts(OPEN.evidence)).toEqual([]);
    expect(evidenceFacts(HEALED.evidence).map((fact) => fact.label)).toEqual([
      "Process",
      "Signal",
      "Memory at the end",
    ]);
  });
});

describe("IncidentTimeline", () => {
  it("shows each step with its milliseconds, the evidence and the log lines", () => {
    const wrapper = mountPart(IncidentTimeline, { incident: HEALED, expanded: true });
    const steps = wrapper.findAll(".steps li").map((step) => step.text().replaceAll("\u00a0", " "));
    expect(steps[0]).toContain("Fault detected");
    expect(steps[0]).toContain("10 ms");
    expect(steps[2]).toContain("done");
    expect(wrapper.get("pre").text()).toBe("line one\nline two");
    expect(wrapper.get("header").text()).toContain("Process ended");
  });

  it("is folded until it is asked for, and says so", async () => {
    const wrapper = mountPart(IncidentTimeline, { incident: HEALED });
    const toggle = wrapper.get("button");
    expect(toggle.attributes("aria-expanded")).toBe("false");
    expect(wrapper.find(".steps").exists()).toBe(false);
    await toggle.trigger("click");
    expect(toggle.attributes("aria-expanded")).toBe("true");
    expect(wrapper.find(".steps").exists()).toBe(true);
  });
});
