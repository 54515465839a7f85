import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { Bundle, Bundles } from "../wire/frames";
import { getJson } from "../wire/http";

/** Archives of what was known about each fault. */
export const useBundlesStore = defineStore("bundles", () => {
  const list = shallowRef<readonly Bundle[]>([]);
  const known = shallowRef(false);

  const byIncident = computed(
    () => new Map(list.value.flatMap((one) => (one.incident_id ? [[one.incident_id, one]] : []))),
  );

  /** @throws ApiError */
  async function load(): Promise<void> {
    list.value = (await getJson<Bundles>("/api/bundles")).bundles;
    known.value = true;
  }

  return { list, known, byIncident, load };
});

/** Where a bundle can be fetched. */
export function bundleUrl(bundle: Bundle): string {
  return `/api/bundles/${encodeURIComponent(bundle.name)}`;
}
