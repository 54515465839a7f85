import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { Discovery, FoundServer } from "../wire/frames";
import { ApiError, getJson } from "../wire/http";
import { useConfigStore } from "./config";

export interface Refusal {
  readonly message: string;
  readonly hint: string;
}

/** A server and those that it looks after. */
export interface Family {
  readonly server: FoundServer;
  readonly children: readonly FoundServer[];
}

/** What runs on this computer, and what could. */
export const useDiscoveryStore = defineStore("discovery", () => {
  const config = useConfigStore();
  const result = shallowRef<Discovery | null>(null);
  const isScanning = shallowRef(false);
  const failure = shallowRef<Refusal | null>(null);
  /** Proposals that are being added, that were, and that were refused, by their key. */
  const adding = shallowRef<ReadonlySet<string>>(new Set());
  const added = shallowRef<ReadonlySet<string>>(new Set());
  const refused = shallowRef<ReadonlyMap<string, Refusal>>(new Map());

  const families = computed(() => familiesOf(result.value?.found ?? []));
  /** Servers that run and are not watched yet. */
  const offers = computed(() =>
    (result.value?.found ?? []).filter(
      (one) => one.proposal !== null && !added.value.has(keyOf(one)),
    ),
  );

  /** Look around. Never throws: `failure` says what went wrong. */
  async function scan(): Promise<void> {
    if (isScanning.value) return;
    isScanning.value = true;
    failure.value = null;
    try {
      result.value = await getJson<Discovery>("/api/discover");
      added.value = new Set();
      refused.value = new Map();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure.value = { message: error.message, hint: error.hint };
    } finally {
      isScanning.value = false;
    }
  }

  /** Write one proposal into the configuration. Never throws: `refused` says why not. */
  async function accept(key: string, proposal: object): Promise<void> {
    if (adding.value.has(key)) return;
    adding.value = new Set([...adding.value, key]);
    refused.value = new Map([...refused.value].filter(([one]) => one !== key));
    try {
      await config.addEndpoint(proposal);
      added.value = new Set([...added.value, key]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused.value = new Map([...refused.value, [key, refusalOf(error)]]);
    } finally {
      adding.value = new Set([...adding.value].filter((one) => one !== key));
    }
  }

  async function acceptAll(): Promise<void> {
    // One after the other: each is a change of the same file.
    for (const server of offers.value) {
      if (server.proposal !== null) await accept(keyOf(server), server.proposal);
    }
  }

  return {
    result,
    isScanning,
    failure,
    adding,
    added,
    refused,
    families,
    offers,
    scan,
    accept,
    acceptAll,
  };
});

export function keyOf(server: FoundServer): string {
  return server.url;
}

/** Servers in order, each followed by those that are part of it. */
function familiesOf(found: readonly FoundServer[]): Family[] {
  const heads = found.filter((one) => parentOf(one, found) === undefined);
  return heads.map((server) => ({
    server,
    children: found.filter((one) => parentOf(one, found) === server),
  }));
}

function parentOf(server: FoundServer, all: readonly FoundServer[]): FoundServer | undefined {
  const { part_of: parent } = server;
  if (parent === null) return undefined;
  return all.find((one) => one !== server && (one.pid === parent.pid || one.url === parent.url));
}

function refusalOf(error: ApiError): Refusal {
  const details = error.problems.map((one) => [one.message, one.hint].filter(Boolean).join(": "));
  return { message: [error.message, ...details].join(". "), hint: error.hint };
}
