import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { FleetAnswer, FleetHost } from "../wire/history";
import { ApiError, getJson } from "../wire/http";

export interface FleetProblem {
  readonly title: string;
  readonly hint: string;
}

/** The computers that one store knows, worst first. */
export const useFleetStore = defineStore("fleet", () => {
  const answer = shallowRef<FleetAnswer | null>(null);
  const problem = shallowRef<FleetProblem | null>(null);
  /** One question at a time: whoever asks meanwhile waits for its answer. */
  let loading: Promise<void> | null = null;

  const hosts = computed<readonly FleetHost[]>(() => answer.value?.hosts ?? []);
  const thisHost = computed(() => answer.value?.this_host ?? null);
  /** There is more to see than this one computer. */
  const isWorthAPage = computed(
    () =>
      answer.value !== null && (answer.value.backend === "prometheus" || hosts.value.length > 1),
  );

  /** Ask once more; what is known stays on show when that fails. Never throws. */
  function load(): Promise<void> {
    loading ??= ask().finally(() => {
      loading = null;
    });
    return loading;
  }

  async function ask(): Promise<void> {
    try {
      answer.value = await getJson<FleetAnswer>("/api/fleet");
      problem.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.value = { title: error.message, hint: error.hint };
    }
  }

  function find(host: string): FleetHost | null {
    return hosts.value.find((one) => one.host === host) ?? null;
  }

  return { answer, problem, hosts, thisHost, isWorthAPage, load, find };
});

/** Hosts whose name or problems hold every word of the filter. */
export function matching(hosts: readonly FleetHost[], filter: string): readonly FleetHost[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return hosts;
  return hosts.filter((one) => {
    const content = [one.host, one.severity, ...one.problems].join("\n").toLowerCase();
    return words.every((word) => content.includes(word));
  });
}
