import { describe, expect, it } from "vitest";

import type { EndpointState } from "../../../frontend/src/wire/frames";
import {
  baselineOf,
  settle,
  type Action,
  type Settled,
} from "../../../frontend/src/stores/operations";
import { endpoint, T0 } from "../support/frames";

interface Row {
  readonly action: Action;
  readonly from: EndpointState;
  readonly to: EndpointState;
  readonly incarnation?: number;
  readonly expected: Settled;
}

const TABLE: readonly Row[] = [
  { action: "enable", from: "disabled", to: "disabled", expected: "running" },
  { action: "enable", from: "disabled", to: "stopped", expected: "done" },
  { action: "disable", from: "online", to: "stopping", expected: "running" },
  { action: "disable", from: "online", to: "disabled", expected: "done" },
  { action: "stop", from: "online", to: "stopping", expected: "running" },
  { action: "stop", from: "online", to: "stopped", expected: "done" },
  { action: "stop", from: "online", to: "failed", expected: "failed" },
  { action: "start", from: "stopped", to: "loading", expected: "running" },
  { action: "start", from: "failed", to: "online", expected: "done" },
  { action: "start", from: "stopped", to: "degraded", expected: "done" },
  { action: "start", from: "stopped", to: "backoff", expected: "running" },
  { action: "start", from: "stopped", to: "failed", expected: "failed" },
  { action: "restart", from: "online", to: "online", expected: "running" },
  { action: "restart", from: "online", to: "stopping", expected: "running" },
  { action: "restart", from: "online", to: "online", incarnation: 2, expected: "done" },
  { action: "restart", from: "online", to: "offline", expected: "failed" },
  { action: "heal", from: "offline", to: "healing", expected: "running" },
  { action: "heal", from: "offline", to: "online", expected: "done" },
];

describe("settle", () => {
  it.each(TABLE)(
    "$action: $from → $to is $expected",
    ({ action, from, to, incarnation = 1, expected }) => {
      const before = baselineOf(endpoint({ state: from }));
      const pid = to === "disabled" || to === "stopped" ? null : 1;
      const now = endpoint({ state: to, since_ms: T0 + 5, incarnation, pid });
      expect(settle(action, before, now)).toBe(expected);
    },
  );

  it("does not take a failure from before the command for its outcome", () => {
    const failed = endpoint({ state: "failed" });
    expect(settle("start", baselineOf(failed), failed)).toBe("running");
    const failedAgain = endpoint({ state: "failed", since_ms: T0 + 1 });
    expect(settle("start", baselineOf(failed), failedAgain)).toBe("failed");
  });
});
