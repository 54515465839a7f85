import { SEVERITY, type Severity } from "../stores/endpointOrder";
import type { EndpointState } from "../wire/frames";
import type { IconName } from "./icons";

/** Each state has its own shape, so that it is told apart without colour. */
export const STATE_ICONS: Readonly<Record<EndpointState, IconName>> = {
  online: "check",
  degraded: "warning",
  starting: "rocket",
  loading: "hourglass",
  healing: "heal",
  backoff: "clock",
  offline: "unplugged",
  failed: "cross",
  stopped: "stop",
  stopping: "stop",
  disabled: "minus",
};

export function toneClass(state: EndpointState): `tone-${Severity}` {
  return `tone-${SEVERITY[state]}`;
}
