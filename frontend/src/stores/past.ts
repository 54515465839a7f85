import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import { text } from "../i18n";
import {
  fetchPast,
  SERIES_MAX,
  type HistoryAnswer,
  type HistoryEvent,
  type HistorySeries,
  type HistoryStats,
} from "../wire/history";
import { ApiError, getJson } from "../wire/http";
import type { Span } from "./timeframe";

const POINTS_MIN = 60;
const POINTS_MAX = 2_000;
/** Charts of about the same width share one number of points. */
const POINTS_STEP = 50;

/** One series of the past, in buckets. */
export interface PastSeries extends HistorySeries {
  readonly tMs: readonly number[];
  readonly stepMs: number;
}

/** What one chart draws. */
interface Wish {
  readonly names: readonly string[];
  readonly widthPx: number;
  readonly isInView: boolean;
}

export interface PastProblem {
  readonly code: string;
  readonly title: string;
  readonly hint: string;
}

/** What the history holds of the time that charts show. One question serves all charts in view. */
export const usePastStore = defineStore("past", () => {
  const wishes = new Map<symbol, Wish>();
  const series = shallowRef<ReadonlyMap<string, PastSeries>>(new Map());
  const events = shallowRef<readonly HistoryEvent[]>([]);
  /** Series of which there is no past at all. */
  const unknown = shallowRef<ReadonlySet<string>>(new Set());
  const stepMs = shallowRef(0);
  /** What is to be known of the answer, such as that another store gave it. */
  const note = shallowRef<string | null>(null);
  const isLoading = shallowRef(false);
  const problem = shallowRef<PastProblem | null>(null);
  /** When the last good answer came; null before the first. */
  const answeredMs = shallowRef<number | null>(null);
  const stats = shallowRef<HistoryStats | null>(null);
  /** Rises when other series are wished for. */
  const wishVersion = shallowRef(0);
  let asking: AbortController | null = null;
  let askedFor: { readonly span: Span; readonly host: string | null; readonly points: number };

  /** False once it is known that nothing is recorded. A store elsewhere may come back. */
  const isAvailable = computed(() => !(stats.value !== null && isOff(stats.value)));

  /** A chart says what it draws; again when that changes. */
  function wish(chart: symbol, wanted: Wish): void {
    const before = wishes.get(chart);
    wishes.set(chart, wanted);
    const isNew = wanted.isInView && !(before?.isInView === true && sameNames(before, wanted));
    if (isNew) wishVersion.value += 1;
  }

  function drop(chart: symbol): void {
    wishes.delete(chart);
  }

  /** Names of all series in view. */
  function wanted(): string[] {
    return namesOf([...wishes.values()].filter((one) => one.isInView));
  }

  /** Names of all series that have a chart on this page. */
  function onPage(): string[] {
    return namesOf([...wishes.values()]);
  }

  function pointsFor(): number {
    const widest = Math.max(0, ...[...wishes.values()].map((one) => one.widthPx));
    const points = Math.ceil(widest / POINTS_STEP) * POINTS_STEP;
    return Math.min(POINTS_MAX, Math.max(POINTS_MIN, points));
  }

  /** Replace what is here by another span of time. Never throws. */
  async function load(span: Span, host: string | null): Promise<void> {
    askedFor = { span, host, points: pointsFor() };
    await ask(wanted(), (answers) => {
      series.value = new Map(answers.flatMap(seriesOf));
      unknown.value = new Set(answers.flatMap((answer) => answer.unknown));
      takeShape(answers);
    });
  }

  /** Fetch what has come into view since, for the same span of time. Never throws. */
  async function loadMissing(): Promise<void> {
    const missing = wanted().filter((one) => !series.value.has(one) && !unknown.value.has(one));
    if (missing.length === 0) return;
    await ask(missing, (answers) => {
      series.value = new Map([...series.value, ...answers.flatMap(seriesOf)]);
      unknown.value = new Set([...unknown.value, ...answers.flatMap((one) => one.unknown)]);
      takeShape(answers);
    });
  }

  /** Fetch what happened, without any samples. Never throws. */
  async function loadEvents(span: Span, name: string): Promise<void> {
    try {
      const question = { series: [name], ...span, host: null };
      events.value = (await fetchPast(question, POINTS_MIN, {})).events;
    } catch (error) {
      // The marks of incidents, which the stream tells of, are there all the same.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async function ask(names: string[], take: (answers: HistoryAnswer[]) => void): Promise<void> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    isLoading.value = true;
    const { span, host, points } = askedFor;
    try {
      const answers = await Promise.all(
        chunksOf(names).map((part) =>
          fetchPast({ series: part, ...span, host }, points, { signal: mine.signal }),
        ),
      );
      if (asking !== mine) return;
      take(answers);
      problem.value = null;
      answeredMs.value = Date.now();
    } catch (error) {
      if (asking !== mine) return;
      if (!(error instanceof ApiError)) throw error;
      problem.value = { code: error.code, title: error.message, hint: error.hint };
    } finally {
      if (asking === mine) {
        asking = null;
        isLoading.value = false;
      }
    }
  }

  function takeShape(answers: readonly HistoryAnswer[]): void {
    const first = answers[0];
    if (first === undefined) return;
    stepMs.value = first.step_ms;
    note.value = first.note;
    events.value = first.events;
  }

  /** Give up the question that is under way. */
  function cancel(): void {
    asking?.abort();
    asking = null;
    isLoading.value = false;
  }

  /** Forget everything, so that nothing of another time or host is shown. */
  function clear(): void {
    cancel();
    series.value = new Map();
    unknown.value = new Set();
    events.value = [];
    problem.value = null;
    answeredMs.value = null;
  }

  /** Ask what is recorded, and where. Never throws. */
  async function loadStats(): Promise<void> {
    try {
      stats.value = await getJson<HistoryStats>("/api/history/stats");
      problem.value = isOff(stats.value) ? offProblem(stats.value) : null;
    } catch (error) {
      // Whoever asks for the past itself is told.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  return {
    series,
    events,
    unknown,
    stepMs,
    note,
    isLoading,
    isAvailable,
    problem,
    answeredMs,
    stats,
    wishVersion,
    wish,
    drop,
    wanted,
    onPage,
    load,
    loadMissing,
    loadEvents,
    loadStats,
    cancel,
    clear,
  };
});

function isOff(stats: HistoryStats): boolean {
  return stats.backend === "embedded" && !stats.available;
}

function offProblem(stats: HistoryStats): PastProblem {
  const words = text.history;
  return { code: "history_off", title: stats.reason ?? words.off, hint: words.offHint };
}

function seriesOf(answer: HistoryAnswer): [string, PastSeries][] {
  return answer.series.map((one) => [
    one.name,
    { ...one, tMs: answer.t_ms, stepMs: answer.step_ms },
  ]);
}

function namesOf(wishes: readonly Wish[]): string[] {
  return [...new Set(wishes.flatMap((one) => one.names))];
}

function sameNames(a: Wish, b: Wish): boolean {
  return a.names.length === b.names.length && a.names.every((one, at) => one === b.names[at]);
}

/** As many names as one question may hold. */
export function chunksOf(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / SERIES_MAX);
  return Array.from({ length: count }, (_, at) =>
    names.slice(at * SERIES_MAX, (at + 1) * SERIES_MAX),
  );
}
