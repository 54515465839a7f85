/** Alerts, deliveries and channels as words, shapes and tones: pure. */
import { formatDurationS } from "../../format/units";
import { text } from "../../i18n";
import type { Severity as Tone } from "../../stores/endpointOrder";
import type { Alert, ChannelView, Delivery } from "../../wire/frames";
import type { IconName } from "../icons";

export interface Look {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

const SEVERITIES: Readonly<Record<Alert["severity"], { icon: IconName; tone: Tone }>> = {
  info: { icon: "bell", tone: "busy" },
  warning: { icon: "warning", tone: "warning" },
  critical: { icon: "cross", tone: "bad" },
};

export function alertLook(alert: Alert): Look {
  const word = text.alerts.severity[alert.severity];
  if (alert.resolved_ms !== null) return { word, icon: "check", tone: "off" };
  return { word, ...SEVERITIES[alert.severity] };
}

const DELIVERIES: Readonly<Record<Delivery["state"], { icon: IconName; tone: Tone }>> = {
  queued: { icon: "clock", tone: "busy" },
  sending: { icon: "hourglass", tone: "busy" },
  sent: { icon: "check", tone: "good" },
  failed: { icon: "cross", tone: "bad" },
  cancelled: { icon: "minus", tone: "off" },
};

export function deliveryLook(delivery: Delivery): Look {
  const words = text.alerts.states;
  if (delivery.state === "queued" && delivery.attempts > 0) {
    return { word: words.retrying, icon: "refresh", tone: "warning" };
  }
  return { word: words[delivery.state], ...DELIVERIES[delivery.state] };
}

/** How often, when again, and what was in the way. */
export function deliveryFacts(delivery: Delivery, nowMs: number): string[] {
  const words = text.alerts;
  return [
    delivery.attempts > 1 || delivery.state === "failed" ? words.attempts(delivery.attempts) : "",
    delivery.next_attempt_ms === null
      ? ""
      : words.nextAttempt(Math.ceil((delivery.next_attempt_ms - nowMs) / 1000)),
    delivery.reason ?? "",
  ].filter((fact) => fact !== "");
}

const HEALTH: Readonly<Record<ChannelView["health"], { icon: IconName; tone: Tone }>> = {
  unused: { icon: "minus", tone: "off" },
  ok: { icon: "check", tone: "good" },
  failing: { icon: "warning", tone: "warning" },
  paused: { icon: "cross", tone: "bad" },
  off: { icon: "stop", tone: "off" },
};

export function channelLook(channel: ChannelView): Look {
  return { word: text.alerts.health[channel.health], ...HEALTH[channel.health] };
}

export function channelFacts(channel: ChannelView, nowMs: number): string[] {
  const words = text.alerts;
  const inS = (ms: number) => Math.ceil((ms - nowMs) / 1000);
  return [
    words.from[channel.min_severity],
    channel.waiting > 0 ? words.waiting(channel.waiting) : "",
    channel.paused_until_ms === null
      ? ""
      : words.pausedFor(Math.max(0, inS(channel.paused_until_ms))),
    channel.last_sent_ms === null
      ? ""
      : words.lastSent(formatDurationS(Math.max(0, nowMs - channel.last_sent_ms) / 1000)),
  ].filter((fact) => fact !== "");
}
