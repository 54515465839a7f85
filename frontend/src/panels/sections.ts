/** The parts of the machine's page, from what is declared: pure. */
import type { IconName } from "../components/icons";
import { text } from "../i18n";
import {
  capital,
  commonWords,
  gpuRules,
  leftovers,
  MACHINE_RULES,
  planned,
  type PanelPlan,
  type PlannedField,
} from "./plans";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly icon: IconName;
  readonly plans: readonly PanelPlan[];
  /** Why there is nothing; null when there is, or when nobody said. */
  readonly reason: string | null;
}

const ICONS: Readonly<Record<keyof typeof MACHINE_RULES, IconName>> = {
  cpu: "cpu",
  memory: "memory",
  disk: "disk",
  network: "network",
  self: "throughput",
};
const GPU = /^(gpu\d+)_/;

/** A declared field and the group it belongs to. */
export interface GroupedField extends PlannedField {
  readonly group: string;
}

/**
 * All sections in the order of the page.
 *
 * @param reasonOf why a group has no values, in words; null when nobody said
 */
export function sectionsOf(
  fields: readonly GroupedField[],
  reasonOf: (group: string) => string | null,
): Section[] {
  const section = (id: keyof typeof MACHINE_RULES): Section => {
    // Groups such as `cpu_cores` belong to the family that they begin with.
    const own = fields.filter((one) => one.group === id || one.group.startsWith(`${id}_`));
    const title = text.machine.sections[id];
    const plans = planned(title, MACHINE_RULES[id], own);
    const more = leftovers(id, title, ICONS[id], plans, own);
    return { id, title, icon: ICONS[id], plans: [...plans, ...more], reason: reasonOf(id) };
  };
  const cards = gpuSections(fields);
  const none: Section = {
    id: "gpu",
    title: text.machine.sections.gpu,
    icon: "gpu",
    plans: [],
    reason: reasonOf("gpu"),
  };
  return [
    section("cpu"),
    section("memory"),
    ...(cards.length > 0 ? cards : [none]),
    section("disk"),
    section("network"),
    section("self"),
  ].filter((one) => one.plans.length > 0 || one.reason !== null);
}

/** One section for each card, called by what the labels of its fields have in common. */
function gpuSections(fields: readonly GroupedField[]): Section[] {
  const byCard = new Map<string, GroupedField[]>();
  for (const field of fields) {
    const card = GPU.exec(field.name)?.[1];
    if (card !== undefined) byCard.set(card, [...(byCard.get(card) ?? []), field]);
  }
  return [...byCard].map(([card, own]) => {
    const prefix = commonWords(own.map((field) => field.label));
    const short = own.map((field) => ({
      ...field,
      label: capital(field.label.slice(prefix.length)),
    }));
    const title = titleOf(card, prefix.trim());
    const plans = planned(title, gpuRules(card), short);
    return {
      id: card,
      title,
      icon: "gpu",
      plans: [...plans, ...leftovers(card, title, "gpu", plans, short)],
      reason: null,
    };
  });
}

function titleOf(card: string, name: string): string {
  const number = `${text.panels.gpu} ${card.slice(3)}`;
  return name === "" || name === number ? number : `${number} · ${name.replace(number, "").trim()}`;
}
