/** Geometry and words of the heartbeat bar: pure. */
import { formatClock, formatMs } from "../format/units";
import { text } from "../i18n";
import { SEVERITY, type Severity } from "../stores/endpointOrder";
import type { Heartbeat } from "../wire/frames";

export const BEATS_MAX = 60;
const BEAT_WIDTH_PX = 5;
const BEAT_STEP_PX = 8;

export interface Beat {
  /** Index into the heartbeats. */
  readonly index: number;
  readonly x: number;
  readonly width: number;
  /** Share of the bar's height: a failed check stands taller, not only in another colour. */
  readonly height: number;
  readonly tone: Severity;
}

export function toneOf(beat: Heartbeat): Severity {
  const severity = SEVERITY[beat.state];
  if (severity === "busy") return "busy";
  if (!beat.ok) return "bad";
  return severity === "warning" ? "warning" : "good";
}

/** The newest checks that fit, the newest at the right edge. */
export function layoutBeats(beats: readonly Heartbeat[], widthPx: number): Beat[] {
  const room = Math.max(1, Math.min(BEATS_MAX, Math.floor((widthPx + 3) / BEAT_STEP_PX)));
  // A wide bar spreads its beats instead of leaving half of it empty.
  const step = Math.min(widthPx / room, BEAT_STEP_PX * 1.3);
  const width = Math.max(BEAT_WIDTH_PX, step - 3);
  const first = Math.max(0, beats.length - room);
  return beats.slice(first).map((beat, offset) => {
    const fromRight = beats.length - first - offset;
    const tone = toneOf(beat);
    return {
      index: first + offset,
      x: widthPx - fromRight * step + (step - width),
      width,
      height: tone === "good" ? 0.62 : tone === "busy" ? 0.8 : 1,
      tone,
    };
  });
}

export function describeBeats(name: string, beats: readonly Heartbeat[]): string {
  if (beats.length === 0) return `${name}: ${text.heartbeat.none}`;
  const failed = beats.filter((beat) => !beat.ok).length;
  return text.heartbeat.summary(name, beats.length, failed);
}

export function describeBeat(beat: Heartbeat): string {
  const response = beat.response_ms === null ? null : formatMs(beat.response_ms);
  return text.heartbeat.beat(
    formatClock(beat.t_ms),
    text.states[beat.state],
    response,
    beat.reason,
  );
}
