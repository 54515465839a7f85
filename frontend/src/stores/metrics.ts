import { defineStore } from "pinia";
import { markRaw, shallowRef } from "vue";

import type {
  FieldsFrame,
  Hello,
  History,
  Snapshot,
  Tick,
  WireField,
  WireNumber,
} from "../wire/frames";
import { SeriesTable, type Columns } from "./series";

/** 15 minutes at 1 s, and room for breaks and for a faster pace at times. */
const CAPACITY = 1_000;

/**
 * Every metric: its latest value and its last 15 minutes.
 *
 * The samples stay outside reactivity. What shows them depends on `shownVersion`, which rises at
 * most once per animation frame, and not at all while the view is paused.
 */
export const useMetricsStore = defineStore("metrics", () => {
  const table = markRaw(new SeriesTable(CAPACITY));
  const fieldsById = new Map<string, WireField>();
  let current = new Map<string, WireNumber>();
  let shown = current;
  let shownEndMs = 0;
  let frameRequested = false;

  /** Rises with every change of what is to be shown. */
  const shownVersion = shallowRef(0);
  /** The declared fields by name; replaced as a whole when the catalogue changes. */
  const fields = shallowRef<ReadonlyMap<string, WireField>>(new Map());
  /** Field or group name → why this machine has no value. */
  const absent = shallowRef<Readonly<Record<string, string>>>({});
  const paused = shallowRef(false);
  /** How many parts of the page show what is sent only when asked for. */
  const detailViews = shallowRef(0);
  /** Samples that came in since the view was paused. */
  const heldSamples = shallowRef(0);

  function takeHello(frame: Hello, newInstance: boolean): void {
    if (newInstance) {
      table.appendBreak();
      current = new Map();
    }
    takeCatalogue(frame);
  }

  function takeCatalogue(frame: Hello | FieldsFrame): void {
    fieldsById.clear();
    for (const field of frame.fields) fieldsById.set(String(field.id), field);
    fields.value = new Map(frame.fields.map((field) => [field.name, field]));
    absent.value = frame.absent;
    requestShow();
  }

  function takeSnapshot(frame: Snapshot): void {
    table.merge({ tMs: frame.history.t_ms, columns: columnsByName(frame.history) });
    current = new Map();
    takeValues(frame.values);
    table.append(frame.t_ms, current);
    requestShow();
  }

  function takeTick(frame: Tick): void {
    if (frame.full) current = new Map();
    takeValues(frame.values);
    table.append(frame.t_ms, current);
    if (paused.value) heldSamples.value += 1;
    requestShow();
  }

  function takeValues(values: Tick["values"]): void {
    // The map that is on show while paused must not change under it.
    if (current === shown && paused.value) current = new Map(current);
    for (const [id, value] of Object.entries(values)) {
      const field = fieldsById.get(id);
      if (field !== undefined) current.set(field.name, value);
    }
  }

  function columnsByName(history: History): Columns {
    const columns = new Map<string, ArrayLike<WireNumber>>();
    for (const [id, values] of Object.entries(history.columns)) {
      const field = fieldsById.get(id);
      if (field !== undefined) columns.set(field.name, values);
    }
    return columns;
  }

  /** Many frames of one moment make one redraw. */
  function requestShow(): void {
    if (paused.value || frameRequested) return;
    frameRequested = true;
    // A hidden page gets no animation frames; what came meanwhile is drawn once it is shown.
    requestAnimationFrame(() => {
      frameRequested = false;
      if (!paused.value) show();
    });
  }

  function show(): void {
    shown = current;
    shownEndMs = Math.max(table.lastMs, 0);
    shownVersion.value += 1;
  }

  function pause(): void {
    if (paused.value) return;
    shown = current;
    paused.value = true;
    heldSamples.value = 0;
  }

  /** Go live again. */
  function resume(): void {
    if (!paused.value) return;
    paused.value = false;
    heldSamples.value = 0;
    show();
  }

  /** Value on show, null when missing. Read `shownVersion` to be told of changes. */
  function latest(name: string): WireNumber {
    return shownVersion.value >= 0 ? (shown.get(name) ?? null) : null;
  }

  /** Names of declared fields of a group, in the order of the catalogue. */
  function namesOf(group: string): string[] {
    return [...fields.value.values()].filter((f) => f.group === group).map((f) => f.name);
  }

  /** Why there is no such value: the field's own reason, or its group's. */
  function reasonFor(name: string, group: string): string | null {
    return absent.value[name] ?? absent.value[group] ?? null;
  }

  /** Right edge of the charts: the newest sample on show. */
  function endMs(): number {
    return shownEndMs;
  }

  return {
    table,
    fields,
    absent,
    shownVersion,
    paused,
    detailViews,
    heldSamples,
    takeHello,
    takeCatalogue,
    takeSnapshot,
    takeTick,
    pause,
    resume,
    latest,
    namesOf,
    reasonFor,
    endMs,
  };
});
