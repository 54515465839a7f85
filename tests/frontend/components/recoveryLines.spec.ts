import { describe, expect, it } from "vitest";

import { readable } from "../../../frontend/src/components/recoveryLines";
import { T0 } from "../support/frames";

function said(entry: object): string {
  const line = JSON.stringify({ t_ms: T0, endpoint: "demo", ...entry });
  return readable("recovery", line)
    .replaceAll("\u00a0", " ")
    .replace(/^\d\d:\d\d:\d\d {2}/, "");
}

describe("readable", () => {
  it("tells an incident's begin, steps and end", () => {
    expect(said({ event: "opened", summary: "killed by SIGKILL" })).toBe(
      "demo: Fault detected · killed by SIGKILL",
    );
    expect(said({ event: "step", step: "wait_ready", ok: true, duration_ms: 1500 })).toBe(
      "demo: Waited until ready · 1.5 s",
    );
    expect(said({ event: "step", step: "port", ok: false, detail: "held by nginx" })).toBe(
      "demo: Port checked (failed) · held by nginx",
    );
    expect(said({ event: "closed", outcome: "healed", duration_ms: 74 })).toBe(
      "demo: Healed · 74 ms",
    );
  });

  it("begins with the local time of day", () => {
    expect(readable("recovery", JSON.stringify({ t_ms: T0, endpoint: "x", summary: "y" }))).toMatch(
      /^\d\d:\d\d:\d\d {2}x:/,
    );
  });

  it.each(["{broken", "{}", "plain words"])("leaves %s as it is", (line) => {
    expect(readable("recovery", line)).toBe(line);
  });

  it("leaves the lines of other logs alone, whatever they look like", () => {
    const line = JSON.stringify({ endpoint: "demo", summary: "x" });
    expect(readable("demo", line)).toBe(line);
  });
});
