import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type {
  BreakerView,
  Captured,
  Captures,
  DoorView,
  EventBody,
  GatewayView,
  ModelView,
} from "../wire/frames";
import { ApiError, getJson, sendJson } from "../wire/http";

export type BreakerAction = "open" | "close" | "reset";

/** A question about the gateway that was not answered. */
export interface GatewayProblem {
  readonly title: string;
  readonly hint: string;
}

/** The gateway: its doors, models and breakers, and what may be done with them. */
export const useGatewayStore = defineStore("gateway", () => {
  const view = shallowRef<GatewayView | null>(null);
  const problem = shallowRef<GatewayProblem | null>(null);
  /** When the last good answer came; null before the first. */
  const answeredMs = shallowRef<number | null>(null);
  /** Names of models that are being loaded or unloaded by a button of this page. */
  const busyModels = shallowRef<ReadonlySet<string>>(new Set());
  const captures = shallowRef<readonly Captured[] | null>(null);

  const openDoor = computed(() => door("openai"));
  /** Breakers that hold something back, by their endpoint. */
  const troubled = computed(() => {
    const found = new Map<string, BreakerView[]>();
    for (const breaker of view.value?.breakers ?? []) {
      if (breaker.state === "closed") continue;
      found.set(breaker.endpoint, [...(found.get(breaker.endpoint) ?? []), breaker]);
    }
    return found;
  });

  /** Doors that nobody gets through, and models whose requests are refused. */
  const troubles = computed(() => {
    const { doors = [], breakers = [] } = view.value ?? {};
    const shut = doors.filter((one) => one.state === "closed").length;
    return shut + breakers.filter((one) => one.state === "open").length;
  });

  function door(name: DoorView["name"]): DoorView | null {
    return view.value?.doors.find((one) => one.name === name) ?? null;
  }

  /** Ask once more; what is known stays on show when that fails. Never throws. */
  async function refresh(): Promise<void> {
    try {
      take(await getJson<GatewayView>("/api/gateway"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.value = { title: error.message, hint: error.hint };
    }
  }

  function take(answer: GatewayView): void {
    view.value = answer;
    problem.value = null;
    answeredMs.value = Date.now();
  }

  function takeEvent(event: EventBody): void {
    if (event.kind !== "gateway" || view.value === null) return;
    if (event.breaker !== null) putBreaker(event.breaker);
    if (event.door !== null) putDoor(event.door);
  }

  function putBreaker(breaker: BreakerView): void {
    if (view.value === null) return;
    const isSame = (one: BreakerView) =>
      one.endpoint === breaker.endpoint && one.model === breaker.model;
    const rest = view.value.breakers;
    const breakers = rest.some(isSame)
      ? rest.map((one) => (isSame(one) ? breaker : one))
      : [...rest, breaker];
    view.value = { ...view.value, breakers };
  }

  function putDoor(changed: DoorView): void {
    if (view.value === null) return;
    const doors = view.value.doors.map((one) => (one.name === changed.name ? changed : one));
    view.value = { ...view.value, doors };
  }

  function putModel(changed: ModelView): void {
    if (view.value === null) return;
    const models = view.value.models.map((one) =>
      one.name === changed.name && one.endpoint === changed.endpoint ? changed : one,
    );
    view.value = { ...view.value, models };
  }

  /** Move a door back to its usual port, if that is free. @throws ApiError */
  async function reopen(name: DoorView["name"]): Promise<DoorView> {
    const changed = await sendJson<DoorView>("POST", `/api/gateway/doors/${name}/reopen`);
    putDoor(changed);
    return changed;
  }

  /** @throws ApiError */
  async function setBreaker(breaker: BreakerView, action: BreakerAction): Promise<void> {
    const { endpoint, model } = breaker;
    putBreaker(
      await sendJson<BreakerView>("POST", "/api/gateway/breakers", { endpoint, model, action }),
    );
  }

  /** Load or unload a model; resolves when it is done. @throws ApiError */
  async function command(action: "load" | "unload", model: string): Promise<void> {
    busyModels.value = new Set([...busyModels.value, model]);
    try {
      putModel(await sendJson<ModelView>("POST", `/api/gateway/models/${action}`, { model }));
    } finally {
      busyModels.value = new Set([...busyModels.value].filter((name) => name !== model));
    }
  }

  /** Let pages of an origin use the gateway. @throws ApiError 401 without the token */
  async function allowOrigin(origin: string): Promise<void> {
    take(await sendJson<GatewayView>("POST", "/api/gateway/origins", { origin }));
  }

  /** @throws ApiError 401 without the token */
  async function loadCaptures(): Promise<void> {
    captures.value = (await getJson<Captures>("/api/gateway/captures")).captures;
  }

  /** @throws ApiError 401 without the token */
  async function forgetCaptures(): Promise<void> {
    captures.value = (await sendJson<Captures>("DELETE", "/api/gateway/captures")).captures;
    if (view.value !== null) view.value = { ...view.value, captured: 0 };
  }

  return {
    view,
    problem,
    answeredMs,
    busyModels,
    captures,
    openDoor,
    troubled,
    troubles,
    door,
    refresh,
    takeEvent,
    reopen,
    setBreaker,
    command,
    allowOrigin,
    loadCaptures,
    forgetCaptures,
  };
});
