/** How a host stands, as shape, tone and word. */
import { text } from "../i18n";
import type { Severity as Tone } from "../stores/endpointOrder";
import type { HostSeverity } from "../wire/history";
import type { IconName } from "./icons";

interface HostLook {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

const LOOKS: Readonly<Record<HostSeverity, { icon: IconName; tone: Tone }>> = {
  critical: { icon: "cross", tone: "bad" },
  warning: { icon: "warning", tone: "warning" },
  ok: { icon: "check", tone: "good" },
  unknown: { icon: "unplugged", tone: "off" },
};

export function hostLook(severity: HostSeverity): HostLook {
  return { word: text.fleet.severity[severity], ...LOOKS[severity] };
}
