import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { Access } from "../wire/frames";
import { getJson, type ApiError } from "../wire/http";

/** What this browser may do here. */
export const useAccessStore = defineStore("access", () => {
  const known = shallowRef<Access | null>(null);
  const mayChange = computed(() => known.value?.may_change === true);

  /** @throws ApiError */
  async function load(): Promise<void> {
    known.value = await getJson<Access>("/api/session");
  }

  /** A change was refused: the session has ended, or never was. */
  function lost(error: ApiError): void {
    known.value = {
      may_change: false,
      token_for_everything: known.value?.token_for_everything ?? false,
      hint: error.hint,
    };
  }

  return { known, mayChange, load, lost };
});
