import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import { text } from "../i18n";
import type {
  Acknowledged,
  Alert,
  Alerts,
  ChannelTest,
  ChannelView,
  Delivery,
  EventBody,
} from "../wire/frames";
import { ApiError, getJson, sendJson } from "../wire/http";
import { useNoticesStore } from "./notices";
import { sentences } from "./sentences";

const KEPT_MAX = 50;

/** Alarms that hold, those that are over, and who was told. */
export const useAlertsStore = defineStore("alerts", () => {
  const alerts = shallowRef<readonly Alert[]>([]);
  const deliveries = shallowRef<readonly Delivery[]>([]);
  const channels = shallowRef<readonly ChannelView[]>([]);
  const known = shallowRef(false);
  /** Results of tests by channel; null while one runs. */
  const tests = shallowRef<ReadonlyMap<string, ChannelTest | null>>(new Map());

  const active = computed(() => alerts.value.filter((one) => one.resolved_ms === null));
  const recent = computed(() => alerts.value.filter((one) => one.resolved_ms !== null));
  /** Alarms that nobody has said yet to know of. */
  const unseen = computed(() => active.value.filter((one) => one.acknowledged_ms === null));

  /** @throws ApiError */
  async function load(): Promise<void> {
    const answer = await getJson<Alerts>(`/api/alerts?limit=${String(KEPT_MAX)}`);
    alerts.value = newest([...answer.active, ...answer.recent], (one) => one.raised_ms);
    deliveries.value = answer.deliveries;
    channels.value = answer.channels;
    known.value = true;
  }

  /** Catch up with a connection that is new. Never throws: the page itself asks again. */
  async function refresh(): Promise<void> {
    try {
      await load();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      known.value = false;
    }
  }

  function takeEvent(event: EventBody): void {
    if (event.kind === "alert") put(event.alert);
    else if (event.kind === "delivery") {
      const { delivery, channel } = event;
      const others = deliveries.value.filter((one) => one.id !== delivery.id);
      deliveries.value = newest([delivery, ...others], (one) => one.created_ms);
      channels.value = channels.value.map((one) => (one.name === channel.name ? channel : one));
    }
  }

  function put(alert: Alert): void {
    const others = alerts.value.filter((one) => one.id !== alert.id);
    alerts.value = newest([alert, ...others], (one) => one.raised_ms);
  }

  /** Say that somebody knows; a notice tells when that is not kept. @throws ApiError */
  async function acknowledge(id: string): Promise<void> {
    const path = `/api/alerts/${encodeURIComponent(id)}/acknowledge`;
    const { unkept, ...alert } = await sendJson<Acknowledged>("POST", path);
    put(alert);
    if (unkept !== null) {
      useNoticesStore().show("bad", text.alerts.notKept, text.alerts.notKeptHint(unkept));
    }
  }

  /** Say so of each that holds, the newest first; stops at the first failure. @throws ApiError */
  async function acknowledgeAll(): Promise<void> {
    for (const { id } of unseen.value) await acknowledge(id);
  }

  /** Send a test message; how it went appears in `tests`. Never throws. */
  async function test(channel: string): Promise<void> {
    if (tests.value.get(channel) === null) return;
    tests.value = new Map([...tests.value, [channel, null]]);
    let result: ChannelTest;
    try {
      result = await sendJson<ChannelTest>("POST", "/api/alerts/test", { channel });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const reason = sentences(error.message, error.hint);
      result = { channel, ok: false, reason, duration_ms: 0 };
    }
    tests.value = new Map([...tests.value, [channel, result]]);
  }

  return {
    active,
    recent,
    unseen,
    deliveries,
    channels,
    known,
    tests,
    load,
    refresh,
    takeEvent,
    acknowledge,
    acknowledgeAll,
    test,
  };
});

function newest<T>(list: T[], timeOf: (one: T) => number): T[] {
  return list.sort((a, b) => timeOf(b) - timeOf(a)).slice(0, 2 * KEPT_MAX);
}
