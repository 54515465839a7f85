import { describe, expect, it } from "vitest";

import {
  commonWords,
  endpointRules,
  leftovers,
  MACHINE_RULES,
  planned,
} from "../../../frontend/src/panels/plans";
import { sectionsOf, type GroupedField } from "../../../frontend/src/panels/sections";
import { fixedMax, lookOf, topMax } from "../../../frontend/src/panels/unitLooks";

function field(name: string, unit: string, label: string, group: string): GroupedField {
  return { name, unit, label, group, kind: "gauge" };
}

const nothing = () => null;

describe("charts from what is declared", () => {
  it("put all cores on one heat map", () => {
    const cores = Array.from({ length: 16 }, (_, n) =>
      field(`cpu_core${String(n)}_usage_pct`, "pct", `Core ${String(n)}`, "cpu_cores"),
    );
    const [plan, ...others] = planned("Processor", MACHINE_RULES.cpu, cores);
    expect(others).toEqual([]);
    expect(plan).toMatchObject({ isHeat: true, id: "cpu-cores" });
    expect(plan?.lines).toHaveLength(16);
  });

  it("give each interface a chart of its own, called by its name", () => {
    const fields = ["eth0", "wlan0"].flatMap((nic) => [
      field(`network_${nic}_received_bytes_per_s`, "bytes_per_s", `${nic} received`, "x"),
      field(`network_${nic}_sent_bytes_per_s`, "bytes_per_s", `${nic} sent`, "x"),
    ]);
    const plans = planned("Network", MACHINE_RULES.network, fields);
    expect(plans.map(({ title }) => title)).toEqual(["eth0", "wlan0"]);
    expect(plans[0]?.lines.map(({ label }) => label)).toEqual(["Received", "Sent"]);
  });

  it("belong to one endpoint, whatever its name", () => {
    const fields = [
      field("endpoint/a.b/rss_bytes", "bytes", "Memory", "endpoint"),
      field("endpoint/aXb/rss_bytes", "bytes", "Memory", "endpoint"),
      field("model/a.b/slots_busy", "count", "Slots busy", "model"),
    ];
    const names = planned("a.b", endpointRules("a.b"), fields).flatMap((plan) => plan.lines);
    expect(names.map(({ name }) => name)).toEqual([
      "endpoint/a.b/rss_bytes",
      "model/a.b/slots_busy",
    ]);
  });

  it("leave nothing that is measured unseen", () => {
    const fields = [field("cpu_phase_of_moon_pct", "pct", "Moon", "cpu")];
    const [cpu] = sectionsOf(fields, nothing);
    expect(cpu?.plans.map((plan) => plan.lines[0]?.label)).toEqual(["Moon"]);
  });

  it("call what stands alone by its own name, and several by what they share", () => {
    const alone = [field("endpoint.a.context_size", "", "Context size", "a")];
    const pair = [...alone, field("endpoint.a.vocabulary", "", "Vocabulary", "a")];
    const titles = (fields: GroupedField[]) =>
      leftovers("a", "a", "throughput", [], fields).map(({ title }) => title);
    expect(titles(alone)).toEqual(["Context size"]);
    expect(titles(pair)).toEqual(["More"]);
  });

  it("never call two charts the same, whatever the labels", () => {
    const fields = [
      field("swap_used_bytes", "bytes", "Swap used", "memory"),
      field("swap_usage_pct", "pct", "Swap", "memory"),
    ];
    const plans = planned("Memory", MACHINE_RULES.memory, fields);
    const more = leftovers("memory", "Memory", "memory", plans, fields);
    expect([...plans, ...more].map(({ title }) => title)).toEqual(["Swap", "More (%)"]);
  });

  it("draw no counters, which only ever grow", () => {
    const total = {
      ...field("network_errors_total", "total", "Errors", "network"),
      kind: "counter",
    };
    expect(sectionsOf([total], nothing)).toEqual([]);
  });
});

describe("the machine's page", () => {
  it("has a section for each card, without the card's name on every line", () => {
    const fields = [0, 1].flatMap((n) => [
      field(`gpu${String(n)}_utilization_pct`, "pct", `GPU ${String(n)} RTX 4090 use`, "gpu"),
      field(`gpu${String(n)}_power_w`, "w", `GPU ${String(n)} RTX 4090 power`, "gpu"),
    ]);
    const sections = sectionsOf(fields, nothing);
    expect(sections.map(({ title }) => title)).toEqual(["GPU 0 · RTX 4090", "GPU 1 · RTX 4090"]);
    expect(sections[0]?.plans.map((plan) => plan.lines[0]?.label)).toEqual(["Use", "Power"]);
  });

  it("says why there is no card", () => {
    const sections = sectionsOf([], (group) => (group === "gpu" ? "no driver" : null));
    expect(sections).toMatchObject([{ id: "gpu", plans: [], reason: "no driver" }]);
  });
});

describe("units", () => {
  it("end shares of a whole at 100, but not those of one core", () => {
    expect(fixedMax("memory_usage_pct", "pct")).toBe(100);
    expect(fixedMax("endpoint/demo/cpu_pct", "pct")).toBeNull();
    expect(fixedMax("power_w", "w")).toBeNull();
    expect(fixedMax("cpu_pressure_pct", "pct")).toBeNull();
    expect(topMax("cpu_pressure_pct", "pct")).toBe(100);
    expect(topMax("endpoint/demo/cpu_pct", "pct")).toBeNull();
  });

  it("are written as people read them", () => {
    const words = [lookOf("hz").format(3.1e9), lookOf("c").format(61), lookOf("no such").format(2)];
    expect(words.map((one) => one.replaceAll("\u00a0", " "))).toEqual(["3.1 GHz", "61 °C", "2"]);
  });

  it("are not repeated where all lines share a word", () => {
    expect(commonWords(["Load 1 min", "Load 5 min"])).toBe("Load ");
    expect(commonWords(["Slots busy", "Slots"])).toBe("");
  });
});
