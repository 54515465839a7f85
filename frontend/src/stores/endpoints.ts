import { defineStore } from "pinia";
import { computed, shallowRef, triggerRef } from "vue";

import { text } from "../i18n";
import type { EndpointView, EventBody, HealReport, Snapshot } from "../wire/frames";
import { ApiError, postCommand } from "../wire/http";
import { countEndpoints } from "./endpointOrder";
import { baselineOf, settle, type Action, type Baseline, type Operation } from "./operations";

const HEARTBEATS_MAX = 60;

/** Endpoints as the stream tells them, and the commands that are under way. */
export const useEndpointsStore = defineStore("endpoints", () => {
  /** In the order of the configuration; a changed endpoint is a new object. */
  const byName = shallowRef(new Map<string, EndpointView>());
  const known = shallowRef(false);
  const operations = shallowRef(new Map<string, Operation>());
  const baselines = new Map<string, Baseline>();

  const list = computed(() => [...byName.value.values()]);
  const counts = computed(() => countEndpoints(list.value));

  function takeSnapshot(frame: Snapshot): void {
    byName.value = new Map(frame.endpoints.map((view) => [view.name, view]));
    known.value = true;
    for (const view of frame.endpoints) followOperation(view);
  }

  function takeEvent(event: EventBody): void {
    if (event.kind === "endpoint") put(event.endpoint);
    else if (event.kind === "endpoint_gone") remove(event.name);
    else if (event.kind === "heartbeat") {
      const view = byName.value.get(event.name);
      // A view that came just before has this check already.
      if (view === undefined || view.heartbeats.at(-1)?.t_ms === event.heartbeat.t_ms) return;
      const heartbeats = [...view.heartbeats, event.heartbeat].slice(-HEARTBEATS_MAX);
      put({
        ...view,
        heartbeats,
        last_check_ms: event.heartbeat.t_ms,
        response_ms: event.heartbeat.response_ms ?? view.response_ms,
      });
    }
  }

  function put(view: EndpointView): void {
    byName.value.set(view.name, view);
    triggerRef(byName);
    followOperation(view);
  }

  function remove(name: string): void {
    byName.value.delete(name);
    operations.value.delete(name);
    triggerRef(byName);
    triggerRef(operations);
  }

  /** Give a command to one endpoint; its outcome appears in `operations`. Never throws. */
  async function command(name: string, action: Action): Promise<void> {
    const view = byName.value.get(name);
    if (view === undefined || operations.value.get(name)?.phase === "running") return;
    baselines.set(name, baselineOf(view));
    begin(name, action);
    const path = `/api/ai-monitor/models/${encodeURIComponent(name)}/${action}`;
    try {
      const answer = await postCommand<unknown>(path);
      if (action === "heal") finishHeal(name, answer.data, answer.message);
      else if (answer.status === "warning") finish(name, "done", answer.message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      finish(name, "failed", error.message, error.hint);
    }
    const now = byName.value.get(name);
    if (now !== undefined) followOperation(now);
  }

  /** Heal every unhealthy endpoint; `emergency` ignores waiting times and budgets. Throws ApiError. */
  async function healAll(emergency: boolean): Promise<HealReport> {
    const path = emergency ? "/api/ai-monitor/heal-now" : "/api/ai-monitor/heal";
    return (await postCommand<HealReport>(path)).data;
  }

  /** Make the change that would mend a failed endpoint, and start it. @throws ApiError */
  async function acceptProposal(name: string): Promise<void> {
    await postCommand(`/api/ai-monitor/models/${encodeURIComponent(name)}/accept-proposal`);
  }

  function begin(name: string, action: Action): void {
    setOperation(name, {
      action,
      startedMs: Date.now(),
      phase: "running",
      text: "",
      hint: "",
      endedMs: null,
    });
  }

  function finish(name: string, phase: "done" | "failed", words: string, hint = ""): void {
    const running = operations.value.get(name);
    if (running?.phase !== "running") return;
    baselines.delete(name);
    setOperation(name, { ...running, phase, text: words, hint, endedMs: Date.now() });
  }

  /** The answer to heal comes when the heal is over, with its result. */
  function finishHeal(name: string, data: unknown, message: string): void {
    const result = isReport(data) ? data.results.find((one) => one.name === name) : undefined;
    if (result === undefined) finish(name, "done", message);
    else finish(name, result.healed ? "done" : "failed", result.detail || message);
  }

  function followOperation(view: EndpointView): void {
    const operation = operations.value.get(view.name);
    const before = baselines.get(view.name);
    if (operation?.phase !== "running" || before === undefined) return;
    // A heal says itself how it ended; the state may look healthy before it has begun.
    if (operation.action === "heal") return;
    const settled = settle(operation.action, before, view);
    if (settled === "running") return;
    const words = text.operation.outcome(operation.action, view.state);
    if (settled === "done") finish(view.name, "done", words);
    else finish(view.name, "failed", view.reason ?? words, view.hint ?? "");
  }

  function setOperation(name: string, operation: Operation): void {
    operations.value.set(name, operation);
    triggerRef(operations);
  }

  /** Take the outcome of the last command off the card. */
  function dismissOperation(name: string): void {
    if (operations.value.get(name)?.phase === "running") return;
    operations.value.delete(name);
    triggerRef(operations);
  }

  return {
    byName,
    list,
    counts,
    known,
    operations,
    takeSnapshot,
    takeEvent,
    command,
    healAll,
    acceptProposal,
    dismissOperation,
  };
});

function isReport(value: unknown): value is HealReport {
  return typeof value === "object" && value !== null && "results" in value;
}
