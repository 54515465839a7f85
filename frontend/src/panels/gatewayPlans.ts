/** The charts of the gateway: what passes through it, and what each model takes for it. Pure. */
import type { IconName } from "../components/icons";
import type { MetricLine } from "../components/panelShapes";
import { text } from "../i18n";
import type { PanelPlan, PlannedField } from "./plans";

const words = text.gateway.charts;
const LINES_MAX = 6;
const PER_MODEL = [
  { id: "ttft", part: "ttft_ms", title: words.ttft, unit: "ms", icon: "clock" },
  {
    id: "tokens",
    part: "request_generation_tokens_per_s",
    title: words.tokens,
    unit: "per_s",
    icon: "throughput",
  },
  { id: "pace", part: "inter_token_p95_ms", title: words.pace, unit: "ms", icon: "hourglass" },
] as const;

/** Charts in the order of the page; those of models appear once a model was asked for. */
export function gatewayPlans(fields: readonly Pick<PlannedField, "name">[]): PanelPlan[] {
  const names = new Set(fields.map((field) => field.name));
  if (!names.has("gateway_in_flight")) return [];
  const whole = [
    plan("requests", "gateway", words.requests, "per_s", [
      line("gateway_requests_per_s", words.ended, 0),
    ]),
    plan("under-way", "endpoints", words.underWay, "count", [
      line("gateway_in_flight", words.running, 0),
      line("gateway_waiting", words.waiting, 1),
    ]),
  ];
  const models = PER_MODEL.flatMap(({ id, part, title, unit, icon }) => {
    const lines = [...names]
      .map((name) => /^model\/(.+)\/([^/]+)$/.exec(name))
      .filter((found) => found?.[2] === part)
      .slice(0, LINES_MAX)
      .map((found, colour) => line(found?.[0] ?? "", found?.[1] ?? "", colour));
    return lines.length === 0 ? [] : [plan(id, icon, title, unit, lines)];
  });
  const failures = plan("failures", "warning", words.failures, "per_s", [
    line("gateway_failures_per_s", words.failed, 1),
  ]);
  return [...whole, ...models, failures];
}

function line(name: string, label: string, colour: number): MetricLine {
  return { name, label, colour };
}

function plan(
  id: string,
  icon: IconName,
  title: string,
  unit: string,
  lines: readonly MetricLine[],
): PanelPlan {
  const { context, idle } = words;
  return { id: `gateway-${id}`, icon, title, context, unit, lines, isHeat: false, idle };
}
