import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type {
  ConfigBackup,
  ConfigChanged,
  ConfigDocument,
  ConfigEffect,
  ConfigProblem,
  EventBody,
} from "../wire/frames";
import { ApiError, getJson, sendJson } from "../wire/http";
import { useAccessStore } from "./access";
import {
  isObject,
  isSame,
  pathText,
  valueAt,
  withValue,
  type Json,
  type JsonObject,
  type Path,
} from "./document";
import { formFields, type FormField } from "./schema";

const CONFIG = "/api/config";
const EMPTY: JsonObject = {};

export type Saved = "saved" | "refused" | "conflict";

/** The configuration as it is, and as somebody is changing it on this page. */
export const useConfigStore = defineStore("config", () => {
  const access = useAccessStore();
  const present = shallowRef<ConfigDocument | null>(null);
  const fields = shallowRef<readonly FormField[]>([]);
  const draft = shallowRef<JsonObject>(EMPTY);
  /** What was wrong with the last attempt to save. */
  const problems = shallowRef<readonly ConfigProblem[]>([]);
  /** What somebody else has saved since this draft was begun. */
  const theirs = shallowRef<ConfigDocument | null>(null);
  /** The file was edited outside, and what it says now cannot run. */
  const fileProblems = shallowRef<readonly ConfigProblem[]>([]);
  const effect = shallowRef<ConfigEffect | null>(null);
  const isBusy = shallowRef(false);

  const original = computed(() => documentOf(present.value));
  const isDirty = computed(() => present.value !== null && !isSame(draft.value, original.value));

  function at(path: Path): Json | undefined {
    return valueAt(draft.value, path);
  }

  /** `undefined` takes the value out, so that the default holds. */
  function set(path: Path, value: Json | undefined): void {
    draft.value = withValue(draft.value, path, value);
    forget(path);
  }

  /** A value that was just changed is no longer known to be wrong. */
  function forget(path: Path): void {
    const place = pathText(path);
    problems.value = problems.value.filter((one) => !isWithin(one.path, place));
  }

  function problemsAt(path: Path): ConfigProblem[] {
    const place = pathText(path);
    return problems.value.filter((one) => one.path === place);
  }

  function problemsWithin(path: Path): ConfigProblem[] {
    const place = pathText(path);
    return problems.value.filter((one) => isWithin(one.path, place));
  }

  function replaceDraft(document: JsonObject): void {
    draft.value = document;
    problems.value = [];
  }

  function discard(): void {
    replaceDraft(original.value);
    theirs.value = null;
  }

  /** Fetch the configuration; a draft is kept. @throws ApiError */
  async function load(): Promise<void> {
    const [config] = await Promise.all([getJson<ConfigDocument>(CONFIG), access.load()]);
    if (fields.value.length === 0)
      fields.value = formFields(await getJson<Json>(config.schema_url));
    if (isDirty.value && config.version !== present.value?.version) meet(config);
    else take(config);
  }

  function take(config: ConfigDocument): void {
    present.value = config;
    fileProblems.value = config.problems;
    discard();
  }

  /** Somebody else was first: nothing is lost until one of the two is chosen. */
  function meet(config: ConfigDocument): void {
    theirs.value = isSame(documentOf(config), draft.value) ? null : config;
    fileProblems.value = config.problems;
    if (theirs.value === null) take(config);
  }

  /** Save the draft. @throws ApiError for what is no fault of the draft */
  async function save(): Promise<Saved> {
    const body = { version: present.value?.version ?? "", document: draft.value };
    return change(() => sendJson<ConfigChanged>("PUT", CONFIG, body));
  }

  /** Return to a backup; an unsaved draft is given up. @throws ApiError */
  async function rollback(backup: ConfigBackup): Promise<Saved> {
    const body = { backup: backup.id };
    return change(() => sendJson<ConfigChanged>("POST", `${CONFIG}/rollback`, body));
  }

  /** Add an endpoint to the configuration that is stored. @throws ApiError */
  async function addEndpoint(endpoint: object): Promise<ConfigEffect> {
    const answer = await guarded(() =>
      sendJson<ConfigChanged>("POST", "/api/endpoints", { endpoint }),
    );
    if (present.value !== null) meetOrTake(answer.config);
    return answer.effect;
  }

  async function change(send: () => Promise<ConfigChanged>): Promise<Saved> {
    isBusy.value = true;
    try {
      const answer = await guarded(send);
      take(answer.config);
      effect.value = answer.effect;
      return "saved";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.problems.length > 0) {
        problems.value = error.problems;
        return "refused";
      }
      if (error.code !== "version_conflict") throw error;
      meet(await getJson<ConfigDocument>(CONFIG));
      return "conflict";
    } finally {
      isBusy.value = false;
    }
  }

  async function guarded<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) access.lost(error);
      throw error;
    }
  }

  /** Go on with this draft, knowing what the others did: the next save replaces it. */
  function keepMine(): void {
    if (theirs.value === null) return;
    present.value = theirs.value;
    theirs.value = null;
  }

  function takeTheirs(): void {
    if (theirs.value !== null) take(theirs.value);
  }

  function meetOrTake(config: ConfigDocument): void {
    if (isDirty.value) meet(config);
    else take(config);
  }

  /** The stream tells of every change, whoever made it. Never throws. */
  async function takeEvent(event: EventBody): Promise<void> {
    if (event.kind !== "config") return;
    fileProblems.value = event.problems;
    if (present.value === null || isBusy.value || event.version === present.value.version) return;
    try {
      meetOrTake(await getJson<ConfigDocument>(CONFIG));
    } catch (error) {
      // The next save finds out.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  return {
    present,
    fields,
    draft,
    problems,
    theirs,
    fileProblems,
    effect,
    isBusy,
    isDirty,
    original,
    at,
    set,
    problemsAt,
    problemsWithin,
    replaceDraft,
    discard,
    load,
    save,
    rollback,
    addEndpoint,
    keepMine,
    takeTheirs,
    takeEvent,
  };
});

function documentOf(config: ConfigDocument | null): JsonObject {
  const document = config?.document as Json | undefined;
  return isObject(document) ? document : EMPTY;
}

function isWithin(path: string, place: string): boolean {
  if (!path.startsWith(place)) return false;
  const next = path.charAt(place.length);
  return next === "" || next === "." || next === "[" || place === "";
}
