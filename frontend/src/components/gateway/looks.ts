/** How states of the gateway look, and what is said of requests: pure. */
import { text } from "../../i18n";
import type { Severity } from "../../stores/endpointOrder";
import type { BreakerView, DoorView, ModelView, RequestRecord } from "../../wire/frames";
import type { IconName } from "../icons";

export interface Look {
  readonly tone: Severity;
  readonly icon: IconName;
}

export const DOOR_LOOKS: Readonly<Record<DoorView["state"], Look>> = {
  open: { tone: "good", icon: "check" },
  moved: { tone: "warning", icon: "warning" },
  closed: { tone: "bad", icon: "cross" },
  off: { tone: "off", icon: "minus" },
};

export const MODEL_LOOKS: Readonly<Record<ModelView["state"], Look>> = {
  loaded: { tone: "good", icon: "check" },
  loading: { tone: "busy", icon: "hourglass" },
  not_loaded: { tone: "off", icon: "minus" },
  failed: { tone: "bad", icon: "cross" },
};

export const BREAKER_LOOKS: Readonly<Record<BreakerView["state"], Look>> = {
  closed: { tone: "good", icon: "check" },
  half_open: { tone: "warning", icon: "hourglass" },
  open: { tone: "bad", icon: "cross" },
};

const RUNNING: Look = { tone: "busy", icon: "hourglass" };
const GOOD: Look = { tone: "good", icon: "check" };
const GONE: Look = { tone: "off", icon: "minus" };
const BAD: Look = { tone: "bad", icon: "cross" };

export function requestLook({ ending }: RequestRecord): Look {
  if (ending === null) return RUNNING;
  if (ending === "ok") return GOOD;
  return ending === "client_gone" ? GONE : BAD;
}

/** Where a request is, or how it ended. */
export function requestWord(record: RequestRecord): string {
  const words = text.gateway.requests;
  const { ending, phase, position, load_ratio: share } = record;
  if (ending !== null) return words.endings[ending];
  const doing =
    share === null
      ? words.phases[phase]
      : words.share(words.phases[phase], Math.floor(share * 100));
  return position === null ? doing : words.position(doing, position);
}

/** Where clients find a door; null while it listens nowhere. */
export function addressOf(door: DoorView | null, pageHost: string): string | null {
  const port = door?.actual_port ?? null;
  if (door === null || port === null) return null;
  const host = reachableAs(door.host, pageHost);
  return `http://${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

/** A door on all addresses is reached under the name by which this page was. */
function reachableAs(host: string, pageHost: string): string {
  if (host !== "0.0.0.0" && host !== "::") return host;
  return pageHost.replace(/^\[(.*)\]$/, "$1");
}

/** The page comes from this very computer. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host === "::1" || host.startsWith("127.");
}
