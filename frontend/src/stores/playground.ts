import { defineStore } from "pinia";
import { computed, reactive, shallowRef } from "vue";

import { chat, ChatError, isAbort, type ChatAsk, type ChatFigures } from "../wire/chat";

/** What was said; an answer grows while it is generated. */
export interface Turn {
  readonly id: number;
  readonly role: "user" | "assistant";
  readonly model: string;
  readonly text: string;
  readonly thinking: string;
  readonly state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  readonly finishReason: string | null;
  readonly measured: Measured;
}

/** Figures of an answer: by this page's clock, and as its server tells them at the end. */
export interface Measured {
  readonly ttftMs: number | null;
  readonly pieces: number;
  readonly tokensPerS: number | null;
  readonly told: ChatFigures | null;
}

export interface PlaygroundProblem {
  readonly title: string;
  readonly hint: string;
  /** When another try makes sense, by this computer's clock; null: any time. */
  readonly retryAtMs: number | null;
}

/** As they are typed; empty: left to the server. */
export interface Parameters {
  system: string;
  temperature: string;
  topP: string;
  maxTokens: string;
  seed: string;
  stop: string;
}

const NOTHING: Measured = { ttftMs: null, pieces: 0, tokensPerS: null, told: null };
/** Fewer pieces make no speed. */
const PIECES_MIN = 3;

/** A conversation with a model through the gateway. In memory only: a reload forgets it. */
export const usePlaygroundStore = defineStore("playground", () => {
  const turns = shallowRef<readonly Turn[]>([]);
  const problem = shallowRef<PlaygroundProblem | null>(null);
  const model = shallowRef("");
  const key = shallowRef("");
  const draft = shallowRef("");
  const parameters = reactive<Parameters>({
    system: "",
    temperature: "",
    topP: "",
    maxTokens: "",
    seed: "",
    stop: "",
  });
  const under = shallowRef<AbortController | null>(null);
  const isBusy = computed(() => under.value !== null);
  let nextId = 1;

  /** Say something and take in the answer, until its end or until stopped. Never throws ChatError. */
  async function send(origin: string, words: string): Promise<void> {
    if (isBusy.value || words.trim() === "") return;
    problem.value = null;
    add({ role: "user", text: words, state: "done" });
    const ask = askOf(origin);
    const answer = add({ role: "assistant", text: "", state: "waiting" });
    const controller = new AbortController();
    under.value = controller;
    try {
      await takeIn(answer, ask, controller.signal);
      change(answer, { state: "done" });
    } catch (error) {
      fail(answer, words, error);
    } finally {
      under.value = null;
    }
  }

  async function takeIn(answer: number, ask: ChatAsk, signal: AbortSignal): Promise<void> {
    const sentMs = performance.now();
    let firstMs: number | null = null;
    for await (const piece of chat(ask, signal)) {
      const turn = find(answer);
      if (turn === undefined) return;
      if (piece.kind === "finish") change(answer, { finishReason: piece.reason });
      else if (piece.kind === "figures") {
        const told = merged(turn.measured.told, piece.figures);
        change(answer, { measured: { ...turn.measured, told } });
      } else {
        const nowMs = performance.now();
        firstMs ??= nowMs;
        const measured = measuredOf(turn.measured, nowMs - firstMs, firstMs - sentMs);
        const grown =
          piece.kind === "text"
            ? { text: turn.text + piece.text }
            : { thinking: turn.thinking + piece.text };
        change(answer, { state: "streaming", measured, ...grown });
      }
    }
  }

  function fail(answer: number, words: string, error: unknown): void {
    if (isAbort(error)) change(answer, { state: "stopped" });
    else if (error instanceof ChatError) {
      const { message, hint, retryAfterS } = error;
      const retryAtMs = retryAfterS === null ? null : Date.now() + retryAfterS * 1000;
      problem.value = { title: message, hint, retryAtMs };
      const isEmpty = find(answer)?.text === "" && find(answer)?.thinking === "";
      if (isEmpty) giveBack(answer, words);
      else change(answer, { state: "failed" });
    } else throw error;
  }

  /** Nothing came of it: the words go back to where they were typed. */
  function giveBack(answer: number, words: string): void {
    turns.value = turns.value.filter((turn) => turn.id !== answer && turn.id !== answer - 1);
    if (draft.value === "") draft.value = words;
  }

  function add(part: Pick<Turn, "role" | "text" | "state">): number {
    const id = nextId++;
    const rest = { id, model: model.value, thinking: "", finishReason: null, measured: NOTHING };
    turns.value = [...turns.value, { ...rest, ...part }];
    return id;
  }

  function find(id: number): Turn | undefined {
    return turns.value.find((turn) => turn.id === id);
  }

  function change(id: number, part: Partial<Turn>): void {
    turns.value = turns.value.map((turn) => (turn.id === id ? { ...turn, ...part } : turn));
  }

  function askOf(origin: string): ChatAsk {
    const said = turns.value
      .filter((turn) => turn.text !== "")
      .map((turn) => ({ role: turn.role, content: turn.text }));
    const { system, stop } = parameters;
    return {
      origin,
      model: model.value,
      key: key.value,
      messages: system.trim() === "" ? said : [{ role: "system", content: system }, ...said],
      temperature: numberOf(parameters.temperature),
      topP: numberOf(parameters.topP),
      maxTokens: numberOf(parameters.maxTokens),
      seed: numberOf(parameters.seed),
      stop: stop.split("\n").filter((line) => line !== ""),
    };
  }

  /** Ends the connection; the gateway ends the generation. */
  function stop(): void {
    under.value?.abort();
  }

  function clear(): void {
    stop();
    turns.value = [];
    problem.value = null;
  }

  return { turns, problem, model, key, draft, parameters, isBusy, send, stop, clear };
});

/** A figure as it was typed; null when it is none. */
export function numberOf(typed: string): number | null {
  const value = Number(typed.trim().replace(",", "."));
  return typed.trim() === "" || !Number.isFinite(value) ? null : value;
}

function measuredOf(before: Measured, sinceFirstMs: number, ttftMs: number): Measured {
  const pieces = before.pieces + 1;
  const isEnough = pieces >= PIECES_MIN && sinceFirstMs > 0;
  // The first piece began the time; it is not part of what was generated in it.
  const tokensPerS = isEnough ? ((pieces - 1) / sinceFirstMs) * 1000 : null;
  return { ...before, pieces, ttftMs, tokensPerS };
}

/** Timings and usage may come in pieces of their own; what a later one lacks stays. */
function merged(before: ChatFigures | null, now: ChatFigures): ChatFigures {
  if (before === null) return now;
  return {
    promptTokens: now.promptTokens ?? before.promptTokens,
    generatedTokens: now.generatedTokens ?? before.generatedTokens,
    promptTokensPerS: now.promptTokensPerS ?? before.promptTokensPerS,
    generationTokensPerS: now.generationTokensPerS ?? before.generationTokensPerS,
  };
}
