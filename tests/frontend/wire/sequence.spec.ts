import { describe, expect, it } from "vitest";

import type { ServerFrame } from "../../../frontend/src/wire/frames";
import {
  accept,
  disconnected,
  NO_SEQUENCE,
  resumeFrame,
  type Sequence,
  type Verdict,
} from "../../../frontend/src/wire/sequence";
import { event, hello, snapshot, T0, tick } from "../support/frames";

const gone = { kind: "endpoint_gone", name: "x" } as const;

function after(...frames: ServerFrame[]): Sequence {
  return frames.reduce((state, frame) => accept(state, frame).next, NO_SEQUENCE);
}

function verdictOf(state: Sequence, frame: ServerFrame): Verdict {
  return accept(state, frame);
}

const LIVE = after(hello(), snapshot(), tick(11), event(6, gone));

describe("a steady stream", () => {
  it("is handed on frame by frame and asks for nothing", () => {
    for (const frame of [tick(12), event(7, gone)]) {
      expect(verdictOf(LIVE, frame)).toMatchObject({ deliver: true, ask: null });
    }
  });

  it("drops ticks and events that it has seen already", () => {
    expect(verdictOf(LIVE, tick(11)).deliver).toBe(false);
    expect(verdictOf(LIVE, event(6, gone)).deliver).toBe(false);
  });

  it("takes a tick that skips numbers without a gap for another pace, not for a loss", () => {
    expect(verdictOf(LIVE, tick(15))).toMatchObject({ deliver: true, ask: null });
  });
});

describe("a gap", () => {
  it("in the ticks asks for history since the last sample before it", () => {
    const verdict = verdictOf(LIVE, { type: "gap", stream: "tick", from: 12, to: 14 });
    expect(verdict.ask).toEqual({ type: "resume", seq: 6, since_ms: T0 + 1000 });
  });

  it("in the events asks for what came after the last event", () => {
    const verdict = verdictOf(LIVE, { type: "gap", stream: "event", from: 7, to: 8 });
    expect(verdict.ask).toMatchObject({ seq: 6 });
  });

  it("that nobody announced shows the late event and still asks for the missing ones", () => {
    const verdict = verdictOf(LIVE, event(9, gone));
    expect(verdict).toMatchObject({ deliver: true, ask: { seq: 6 } });
    expect(verdict.next.eventSeq).toBe(6);
  });

  it("is asked for once, until the snapshot that answers it has come", () => {
    const asked = verdictOf(LIVE, { type: "gap", stream: "tick", from: 12, to: 14 }).next;
    const gapAgain = { type: "gap", stream: "tick", from: 20, to: 21 } as const;
    expect(verdictOf(asked, gapAgain).ask).toBeNull();
    const answered = verdictOf(asked, snapshot({ seq: 30, event_seq: 9, t_ms: T0 + 9000 })).next;
    expect(verdictOf(answered, gapAgain).ask).toMatchObject({ seq: 9, since_ms: T0 + 9000 });
  });
});

describe("a new connection", () => {
  it("to the same sidecar resumes from the last event and the last sample", () => {
    const verdict = verdictOf(disconnected(LIVE), hello());
    expect(verdict).toMatchObject({
      newInstance: false,
      ask: { type: "resume", seq: 6, since_ms: T0 + 1000 },
    });
  });

  it("to a sidecar that was started anew forgets the numbers but not the time", () => {
    const verdict = verdictOf(disconnected(LIVE), hello({ instance: "second" }));
    expect(verdict).toMatchObject({ newInstance: true, ask: null });
    expect(verdict.next).toMatchObject({
      instance: "second",
      tickSeq: null,
      eventSeq: null,
      lastSampleMs: T0 + 1000,
    });
    expect(verdictOf(verdict.next, tick(1)).deliver).toBe(true);
    expect(verdictOf(verdict.next, event(1, gone)).deliver).toBe(true);
  });

  it("that is lost before its answer came asks again, for the whole hole", () => {
    const first = disconnected(LIVE);
    const lostAgain = disconnected(accept(first, hello()).next);
    expect(verdictOf(lostAgain, hello()).ask).toMatchObject({ since_ms: T0 + 1000 });
  });

  it("has nothing to resume on the first one", () => {
    expect(resumeFrame(NO_SEQUENCE)).toBeNull();
    expect(verdictOf(NO_SEQUENCE, hello()).ask).toBeNull();
  });
});
