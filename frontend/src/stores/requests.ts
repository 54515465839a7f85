import { defineStore } from "pinia";
import { reactive, shallowRef } from "vue";

import type { GatewayRequests, RequestRecord } from "../wire/frames";
import { ApiError, getJson } from "../wire/http";
import type { GatewayProblem } from "./gateway";

/** What the list of requests is narrowed to; an empty word does not matter. */
export interface RequestFilter {
  model: string;
  endpoint: string;
  surface: RequestRecord["surface"] | "";
  outcome: "ok" | "failed" | "cancelled" | "";
  limit: number;
}

const FEW = 100;

/** Requests that pass the gateway, as they were when last asked for. */
export const useRequestsStore = defineStore("requests", () => {
  const running = shallowRef<readonly RequestRecord[]>([]);
  const ended = shallowRef<readonly RequestRecord[]>([]);
  const problem = shallowRef<GatewayProblem | null>(null);
  const answeredMs = shallowRef<number | null>(null);
  const filter = reactive<RequestFilter>({
    model: "",
    endpoint: "",
    surface: "",
    outcome: "",
    limit: FEW,
  });
  let newest = 0;

  /** Ask once more; what is known stays on show when that fails. Never throws. */
  async function refresh(): Promise<void> {
    newest += 1;
    const question = newest;
    try {
      const answer = await getJson<GatewayRequests>(`/api/gateway/requests?${queryOf(filter)}`);
      // The filter may have changed meanwhile.
      if (question !== newest) return;
      running.value = answer.running;
      ended.value = keepKnown(ended.value, answer.ended);
      problem.value = null;
      answeredMs.value = Date.now();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (question === newest) problem.value = { title: error.message, hint: error.hint };
    }
  }

  return { running, ended, problem, answeredMs, filter, refresh };
});

export function queryOf(filter: RequestFilter): string {
  const query = new URLSearchParams({ limit: String(filter.limit) });
  for (const name of ["model", "endpoint", "surface", "outcome"] as const) {
    if (filter[name] !== "") query.set(name, filter[name]);
  }
  return query.toString();
}

/** What has ended never changes: the same objects again need not be drawn again. */
export function keepKnown(
  before: readonly RequestRecord[],
  now: readonly RequestRecord[],
): readonly RequestRecord[] {
  const known = new Map(before.map((record) => [record.id, record]));
  return now.map((record) => known.get(record.id) ?? record);
}
