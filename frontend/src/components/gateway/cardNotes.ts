/** What the gateway has to say about an endpoint on its card: pure. */
import { text } from "../../i18n";
import type { Severity } from "../../stores/endpointOrder";
import type { GatewayView, ModelView } from "../../wire/frames";

export interface CardNote {
  readonly tone: Severity;
  readonly text: string;
}

const words = text.gateway.onCard;

/** Breakers that hold requests back, and when the model comes and goes by itself. */
export function gatewayNotesOf(view: GatewayView | null, name: string, nowMs: number): CardNote[] {
  if (view?.enabled !== true) return [];
  const breakers = view.breakers.flatMap((one): CardNote[] => {
    if (one.endpoint !== name || one.state === "closed") return [];
    const tone = one.state === "open" ? "bad" : "warning";
    return [{ tone, text: words[one.state](one.model) }];
  });
  const models = view.models.filter((one) => one.endpoint === name);
  return [...breakers, ...models.flatMap((one) => comings(one, nowMs))];
}

function comings({ state, reason, expires_ms }: ModelView, nowMs: number): CardNote[] {
  if (state === "not_loaded") return [{ tone: "off", text: reason ?? words.onDemand }];
  if (state !== "loaded" || expires_ms === null) return [];
  return [{ tone: "off", text: words.expires(Math.max(0, expires_ms - nowMs)) }];
}
