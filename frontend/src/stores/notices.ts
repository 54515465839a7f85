import { defineStore } from "pinia";
import { shallowRef } from "vue";

import { ApiError } from "../wire/http";
import { sentences } from "./sentences";

export interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad" | "busy";
  readonly title: string;
  readonly detail: string;
}

const KEPT_MAX = 3;
/** Good news goes away by itself; trouble stays until it is dismissed. */
const GOOD_NEWS_MS = 8_000;

/** Outcomes that belong to no card: shown at the top of the page. */
export const useNoticesStore = defineStore("notices", () => {
  const list = shallowRef<readonly Notice[]>([]);
  let nextId = 1;

  function show(tone: Notice["tone"], title: string, detail = ""): number {
    const id = nextId++;
    // What went well before, or was said already, is old news.
    const kept = list.value.filter((before) => before.tone !== "good" && before.title !== title);
    list.value = [...kept, { id, tone, title, detail }].slice(-KEPT_MAX);
    if (tone === "good") {
      setTimeout(() => {
        dismiss(id);
      }, GOOD_NEWS_MS);
    }
    return id;
  }

  function dismiss(id: number): void {
    list.value = list.value.filter((notice) => notice.id !== id);
  }

  /** Run a command; when it is refused, say so under `title`. Returns whether it went through. */
  async function attempt(title: string, command: () => Promise<unknown>): Promise<boolean> {
    // Good news of before would stand beside whatever comes of this.
    list.value = list.value.filter((before) => before.tone !== "good");
    try {
      await command();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      show("bad", title, sentences(error.message, error.hint));
      return false;
    }
  }

  return { list, show, dismiss, attempt };
});
