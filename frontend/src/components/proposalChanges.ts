/** What a proposal would change, line by line: pure. */
import { text } from "../i18n";
import { isObject, plainText, type JsonObject } from "../stores/document";
import type { EndpointView, Proposal } from "../wire/frames";

/** `entry`: the endpoint as configured, when that is known here, for the present values. */
export function proposalChanges(
  view: EndpointView,
  proposal: Proposal,
  entry: JsonObject | undefined,
): string[] {
  const words = text.endpoint.proposal;
  const port =
    proposal.port === null
      ? []
      : [words.port(proposal.port, view.port === null ? "" : String(view.port))];
  const present = entry?.["parameters"];
  const parameters = Object.entries(proposal.parameters).map(([name, value]) => {
    const before = isObject(present) ? present[name] : undefined;
    return words.parameter(name, String(value), plainText(before));
  });
  return [...port, ...parameters];
}
