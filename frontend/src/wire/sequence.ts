/** Which frames to hand on, and when to ask for what is missing: pure, knows no socket. */
import type { Resume, ServerFrame } from "./frames";

export interface Sequence {
  /** Start of the sidecar that the numbers belong to; null before the first hello. */
  readonly instance: string | null;
  /** Last tick seen, null when none of this instance. */
  readonly tickSeq: number | null;
  /** Last event handled without a hole before it, null when none of this instance. */
  readonly eventSeq: number | null;
  /** Wall time of the newest sample, kept over instances so that the hole can be filled. */
  readonly lastSampleMs: number;
  /** Wall time of the last sample before the oldest unfilled hole; null when there is none. */
  readonly holeSinceMs: number | null;
  /** A resume was sent and its snapshot has not come yet. */
  readonly awaitingSnapshot: boolean;
}

export interface Verdict {
  readonly next: Sequence;
  /** Hand the frame on to the stores. */
  readonly deliver: boolean;
  /** The sidecar was started anew: what was drawn stays, with a break after it. */
  readonly newInstance: boolean;
  /** What to send now, if anything. */
  readonly ask: Resume | null;
}

export const NO_SEQUENCE: Sequence = {
  instance: null,
  tickSeq: null,
  eventSeq: null,
  lastSampleMs: 0,
  holeSinceMs: null,
  awaitingSnapshot: false,
};

/** What a new connection to the same or another sidecar asks for; null on the very first one. */
export function resumeFrame(state: Sequence): Resume | null {
  if (state.instance === null) return null;
  return {
    type: "resume",
    seq: state.eventSeq ?? 0,
    since_ms: state.holeSinceMs ?? state.lastSampleMs,
  };
}

/** Take one frame into account. */
export function accept(state: Sequence, frame: ServerFrame): Verdict {
  switch (frame.type) {
    case "hello":
      return acceptHello(state, frame.instance);
    case "snapshot":
      return deliver({
        ...state,
        tickSeq: frame.seq,
        eventSeq: frame.event_seq,
        lastSampleMs: Math.max(state.lastSampleMs, frame.t_ms),
        holeSinceMs: null,
        awaitingSnapshot: false,
      });
    case "tick":
      return acceptTick(state, frame.seq, frame.t_ms);
    case "event":
      return acceptEvent(state, frame.seq);
    case "gap":
      return frame.stream === "tick" ? askAgain(withHole(state)) : askAgain(state);
    case "fields":
    case "bye":
      return deliver(state);
  }
}

/** The connection is gone: no answer will come to what was asked on it. */
export function disconnected(state: Sequence): Sequence {
  return { ...withHole(state), awaitingSnapshot: false };
}

function acceptHello(state: Sequence, instance: string): Verdict {
  if (state.instance === instance || state.instance === null) {
    const ask = resumeFrame(state);
    const next = { ...state, instance, awaitingSnapshot: ask !== null };
    return { next, deliver: true, newInstance: false, ask };
  }
  // Another life of the sidecar counts from the beginning; only wall time carries over.
  const next: Sequence = {
    ...NO_SEQUENCE,
    instance,
    lastSampleMs: state.lastSampleMs,
    holeSinceMs: state.holeSinceMs,
  };
  return { next, deliver: true, newInstance: true, ask: null };
}

function acceptTick(state: Sequence, seq: number, tMs: number): Verdict {
  if (state.tickSeq !== null && seq <= state.tickSeq) return drop(state);
  const next = { ...state, tickSeq: seq, lastSampleMs: Math.max(state.lastSampleMs, tMs) };
  return deliver(next);
}

function acceptEvent(state: Sequence, seq: number): Verdict {
  if (state.eventSeq !== null && seq <= state.eventSeq) return drop(state);
  if (state.eventSeq !== null && seq > state.eventSeq + 1) {
    // Later events are worth showing at once; the number stays, so that resume fetches the hole.
    const asked = askAgain(state);
    return { ...asked, deliver: true };
  }
  return deliver({ ...state, eventSeq: seq });
}

function withHole(state: Sequence): Sequence {
  if (state.instance === null || state.holeSinceMs !== null) return state;
  return { ...state, holeSinceMs: state.lastSampleMs };
}

/** One question at a time: a burst of gaps is answered by one snapshot. */
function askAgain(state: Sequence): Verdict {
  const ask = state.awaitingSnapshot ? null : resumeFrame(state);
  const next = { ...state, awaitingSnapshot: state.awaitingSnapshot || ask !== null };
  return { next, deliver: false, newInstance: false, ask };
}

function deliver(next: Sequence): Verdict {
  return { next, deliver: true, newInstance: false, ask: null };
}

function drop(next: Sequence): Verdict {
  return { next, deliver: false, newInstance: false, ask: null };
}
