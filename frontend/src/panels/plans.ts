/** Which charts there are for what is measured: from the declared fields alone, pure. */
import type { IconName } from "../components/icons";
import type { MetricLine } from "../components/panelShapes";
import { text } from "../i18n";
import { lookOf } from "./unitLooks";

/** As much of a declared field as a chart needs. */
export interface PlannedField {
  readonly name: string;
  readonly unit: string;
  readonly label: string;
  readonly kind: string;
}

export interface PanelPlan {
  readonly id: string;
  readonly icon: IconName;
  readonly title: string;
  /** What it is a chart of, for those who do not see the heading above it. */
  readonly context: string;
  readonly unit: string;
  readonly lines: readonly MetricLine[];
  /** Many lines of one kind, which a heat map shows better. */
  readonly isHeat: boolean;
  /** What is said while there is nothing to measure, where that is no lack of the machine. */
  readonly idle?: string;
}

/** One chart of a family of fields; the first group of `match`, if any, makes one per value. */
export interface Rule {
  readonly id: string;
  readonly icon: IconName;
  readonly title: string;
  readonly match: RegExp;
  readonly isHeat?: boolean;
}

const PALETTE = 6;
/** More lines than these cannot be told apart. */
const LINES_MAX = 6;
const words = text.machine.plans;

export const MACHINE_RULES = {
  cpu: [
    { id: "cpu-usage", icon: "cpu", title: words.cpuUsage, match: /^cpu_usage_pct$/ },
    {
      id: "cpu-cores",
      icon: "cpu",
      title: words.cores,
      match: /^cpu_core(\d+)_usage_pct$/,
      isHeat: true,
    },
    {
      id: "cpu-shares",
      icon: "cpu",
      title: words.cpuShares,
      match: /^cpu_(?:user|system|iowait|steal|nice|irq)_pct$/,
    },
    { id: "load", icon: "cpu", title: words.load, match: /^load_\d+m$/ },
    {
      id: "cpu-pressure",
      icon: "hourglass",
      title: words.pressure,
      match: /^cpu_(?:pressure|stalled)_pct$/,
    },
    { id: "cpu-clock", icon: "cpu", title: words.clock, match: /^cpu_frequency_hz$/ },
  ],
  memory: [
    { id: "memory-usage", icon: "memory", title: words.memoryUsage, match: /^memory_usage_pct$/ },
    {
      id: "memory-parts",
      icon: "memory",
      title: words.memoryParts,
      match: /^memory_(?:used|available|cached)_bytes$/,
    },
    { id: "swap", icon: "memory", title: words.swap, match: /^swap_used_bytes$/ },
    { id: "swap-rate", icon: "memory", title: words.swapRate, match: /^swap_\w+_bytes_per_s$/ },
    {
      id: "memory-pressure",
      icon: "hourglass",
      title: words.pressure,
      match: /^memory_(?:pressure|stalled)_pct$/,
    },
  ],
  disk: [
    {
      id: "disk-rate",
      icon: "disk",
      title: words.diskRate,
      match: /^disk_(?:read|write)_bytes_per_s$/,
    },
    { id: "disk-usage", icon: "disk", title: words.diskUsage, match: /^disk_.+_usage_pct$/ },
    { id: "disk-busy", icon: "disk", title: words.diskBusy, match: /^disk_(?:.+_)?busy_pct$/ },
    {
      id: "disk-pressure",
      icon: "hourglass",
      title: words.pressure,
      match: /^disk_(?:pressure|stalled)_pct$/,
    },
  ],
  network: [
    {
      id: "network-rate",
      icon: "network",
      title: words.networkRate,
      match: /^network_(?:received|sent)_bytes_per_s$/,
    },
    {
      id: "network",
      icon: "network",
      title: "",
      match: /^network_(.+)_(?:received|sent)_bytes_per_s$/,
    },
  ],
  self: [
    { id: "self-cpu", icon: "cpu", title: words.selfCpu, match: /^self_cpu_pct$/ },
    { id: "self-memory", icon: "memory", title: words.selfMemory, match: /^self_rss_bytes$/ },
    { id: "self-pace", icon: "clock", title: words.selfPace, match: /^self_tick_late_ms$/ },
  ],
} as const satisfies Readonly<Record<string, readonly Rule[]>>;

/** The charts of one card; `gpu` is its prefix, as in `gpu0`. */
export function gpuRules(gpu: string): readonly Rule[] {
  const rule = (id: string, title: string, parts: string): Rule => ({
    id: `${gpu}-${id}`,
    icon: "gpu",
    title,
    match: new RegExp(`^${gpu}_(?:${parts})$`),
  });
  return [
    rule("load", words.gpuLoad, "utilization_pct|memory_busy_pct|models_busy_pct"),
    rule("memory", words.gpuMemory, "memory_used_bytes|memory_total_bytes"),
    rule("heat", words.gpuHeat, "temperature_c|memory_temperature_c"),
    rule("power", words.gpuPower, "power_w|power_limit_w"),
    rule("clock", words.gpuClock, "clock_hz|memory_clock_hz"),
    rule("fan", words.gpuFan, "fan_pct|fan_rpm"),
    rule("codec", words.gpuCodec, "encoder_pct|decoder_pct"),
    rule("pcie", words.gpuPcie, "pcie_(?:received|sent)_bytes_per_s"),
  ];
}

/** The charts of one endpoint: of its process, and of the model in it. */
export function endpointRules(name: string): readonly Rule[] {
  const place = `^(?:endpoint|model)/${escaped(name)}/`;
  const rule = (id: string, icon: IconName, title: string, parts: string): Rule => ({
    id,
    icon,
    title,
    match: new RegExp(`${place}(?:${parts})$`),
  });
  return [
    rule("tokens", "throughput", words.tokens, "(?:generation|prompt)_tokens_per_s"),
    rule("response", "clock", words.response, "response_ms"),
    rule("latency", "clock", words.latency, "ttft\\w*_ms|inter_token\\w*_ms"),
    rule("cpu", "cpu", words.cpu, "cpu_pct"),
    rule("memory", "memory", words.endpointMemory, "rss_bytes|resident_bytes"),
    rule("gpu-memory", "gpu", words.endpointGpu, "gpu_memory_bytes|vram_bytes"),
    rule("slots", "endpoints", words.slots, "slots_(?:busy|total)"),
    rule(
      "requests",
      "endpoints",
      words.requests,
      "requests_(?:processing|deferred|waiting|running)",
    ),
    rule("context", "memory", words.context, "context_usage_pct|kv_cache\\w*_(?:pct|ratio)"),
    rule("handles", "settings", words.handles, "threads|fds"),
  ];
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** One plan for each rule that has fields, in the order of the rules. */
export function planned(
  context: string,
  rules: readonly Rule[],
  fields: readonly PlannedField[],
): PanelPlan[] {
  return rules.flatMap((rule) => [...planOf(rule, fields)].map((plan) => ({ ...plan, context })));
}

function* planOf(
  rule: Rule,
  fields: readonly PlannedField[],
): Generator<Omit<PanelPlan, "context">> {
  const isHeat = rule.isHeat === true;
  for (const [key, found] of byThing(rule, fields)) {
    const kept = isHeat ? found : found.slice(0, LINES_MAX);
    const shared = isHeat ? 0 : commonWords(kept.map((field) => field.label)).length;
    yield {
      id: key === "" ? rule.id : `${rule.id}-${key}`,
      icon: rule.icon,
      title: rule.title === "" ? nameIn(found, key) : rule.title,
      unit: found[0]?.unit ?? "",
      isHeat,
      lines: kept.map((field, at) => ({
        name: field.name,
        label: capital(field.label.slice(shared)),
        colour: at % PALETTE,
      })),
    };
  }
}

/** The fields of a rule, by the thing that they are of; all of a heat map are one. */
function byThing(rule: Rule, fields: readonly PlannedField[]): Map<string, PlannedField[]> {
  const things = new Map<string, PlannedField[]>();
  for (const field of fields) {
    const match = rule.match.exec(field.name);
    if (match === null) continue;
    const key = rule.isHeat === true ? "" : (match[1] ?? "");
    things.set(key, [...(things.get(key) ?? []), field]);
  }
  return things;
}

/** Whole words that all labels begin with, the blank after them included. */
export function commonWords(labels: readonly string[]): string {
  if (labels.length < 2) return "";
  const first = labels[0] ?? "";
  let end = 0;
  for (let at = 0; at < first.length; at += 1) {
    if (!labels.every((label) => label[at] === first[at])) break;
    if (first[at] === " ") end = at + 1;
  }
  return first.slice(0, end);
}

export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the labels of all fields begin with: the name of the thing they measure. */
function nameIn(found: readonly PlannedField[], key: string): string {
  return commonWords(found.map((field) => field.label)).trim() || key;
}

/** What no rule knows, by unit, so that nothing that is measured stays unseen. */
export function leftovers(
  id: string,
  context: string,
  icon: IconName,
  plans: readonly PanelPlan[],
  fields: readonly PlannedField[],
): PanelPlan[] {
  const shown = new Set(plans.flatMap((plan) => plan.lines.map((line) => line.name)));
  const byUnit = new Map<string, PlannedField[]>();
  for (const field of fields) {
    // What only ever grows, or never moves, is no picture.
    if (
      shown.has(field.name) ||
      field.kind !== "gauge" ||
      /_total_bytes$|^cpu_cores$/.test(field.name)
    )
      continue;
    byUnit.set(field.unit, [...(byUnit.get(field.unit) ?? []), field]);
  }
  const titles = new Set(plans.map((plan) => plan.title));
  return [...byUnit].map(([unit, found]) => {
    const own = found.length === 1 ? found[0]?.label : undefined;
    // Two charts of one name could not be told apart by those who only hear it.
    const title = own === undefined || titles.has(own) ? words.other(lookOf(unit).word) : own;
    titles.add(title);
    return {
      id: `${id}-more-${unit}`,
      icon,
      title,
      context,
      unit,
      isHeat: false,
      lines: found.slice(0, LINES_MAX).map(({ name, label }, colour) => ({ name, label, colour })),
    };
  });
}
