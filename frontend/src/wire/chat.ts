/** Talks to a model through the gateway, as any OpenAI client does. */
import { text } from "../i18n";
import { EventSplitter } from "./serverSentEvents";

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What is null or empty is left to the server. */
export interface ChatAsk {
  /** Scheme, host and port of the gateway. */
  readonly origin: string;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly key: string;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly maxTokens: number | null;
  readonly seed: number | null;
  readonly stop: readonly string[];
}

/** What the server says about an answer at its end; null where it does not tell. */
export interface ChatFigures {
  readonly promptTokens: number | null;
  readonly generatedTokens: number | null;
  readonly promptTokensPerS: number | null;
  readonly generationTokensPerS: number | null;
}

export type ChatPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thinking"; readonly text: string }
  | { readonly kind: "finish"; readonly reason: string }
  | { readonly kind: "figures"; readonly figures: ChatFigures };

/** The gateway or the model's server refused, or the answer broke off. */
export class ChatError extends Error {
  override readonly name = "ChatError";

  constructor(
    message: string,
    /** HTTP status; 0 when there was no answer, or when it broke off. */
    readonly status: number,
    readonly hint = "",
    /** Seconds after which another try makes sense; null when that is not known. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }
}

/**
 * The pieces of an answer as they come.
 *
 * Aborting `signal` ends the connection, and with it the generation.
 *
 * @throws ChatError, and the AbortError of the signal
 */
export async function* chat(ask: ChatAsk, signal: AbortSignal): AsyncGenerator<ChatPiece> {
  const response = await post(ask, signal);
  if (!response.ok || response.body === null) throw await refusal(response);
  const splitter = new EventSplitter();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let isOver = false;
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff);
    if (done) break;
    for (const data of splitter.feed(value)) {
      if (data === "[DONE]") isOver = true;
      else yield* piecesOf(data);
    }
  }
  if (!isOver) throw new ChatError(text.playground.cutOff, 0, text.playground.cutOffHint);
}

async function post(ask: ChatAsk, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(`${ask.origin}/v1/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(ask.key === "" ? {} : { authorization: `Bearer ${ask.key}` }),
      },
      body: JSON.stringify(bodyOf(ask)),
      signal,
      credentials: "omit",
    });
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    const { unreachable, unreachableHint } = text.playground;
    throw new ChatError(unreachable(ask.origin), 0, unreachableHint);
  }
}

function bodyOf(ask: ChatAsk): object {
  const { model, messages, temperature, topP, maxTokens, seed, stop } = ask;
  return {
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(seed === null ? {} : { seed }),
    ...(stop.length === 0 ? {} : { stop }),
  };
}

async function refusal(response: Response): Promise<ChatError> {
  const body: unknown = await response.json().catch(() => null);
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const words = errorIn(body) ?? text.playground.refused(response.status);
  const retryAfterS = Number.isFinite(seconds) ? seconds : null;
  return new ChatError(words, response.status, hintFor(response.status), retryAfterS);
}

function hintFor(status: number): string {
  return text.playground.hints[status] ?? "";
}

function brokenOff(cause: unknown): never {
  if (isAbort(cause)) throw cause;
  throw new ChatError(text.playground.cutOff, 0, text.playground.cutOffHint);
}

export function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === "AbortError";
}

function* piecesOf(data: string): Generator<ChatPiece> {
  const body = parsed(data);
  const error = errorIn(body);
  if (error !== null) throw new ChatError(error, 0, text.playground.cutOffHint);
  const choice = member(body, "choices", 0);
  for (const name of ["reasoning_content", "reasoning"]) {
    const thinking = member(choice, "delta", name);
    if (typeof thinking === "string" && thinking !== "") yield { kind: "thinking", text: thinking };
  }
  const content = member(choice, "delta", "content");
  if (typeof content === "string" && content !== "") yield { kind: "text", text: content };
  const reason = member(choice, "finish_reason");
  if (typeof reason === "string") yield { kind: "finish", reason };
  const figures = figuresIn(body);
  if (figures !== null) yield { kind: "figures", figures };
}

/** llama.cpp's own `timings` tell most; `usage` is what everybody tells. */
function figuresIn(body: unknown): ChatFigures | null {
  const timings = member(body, "timings");
  const usage = member(body, "usage");
  if (timings === undefined && (usage === undefined || usage === null)) return null;
  const numberAt = (from: unknown, name: string): number | null => {
    const value = member(from, name);
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  return {
    promptTokens: numberAt(usage, "prompt_tokens") ?? numberAt(timings, "prompt_n"),
    generatedTokens: numberAt(usage, "completion_tokens") ?? numberAt(timings, "predicted_n"),
    promptTokensPerS: numberAt(timings, "prompt_per_second"),
    generationTokensPerS: numberAt(timings, "predicted_per_second"),
  };
}

/** The words of an error in any of the shapes that servers use; null when it is none. */
function errorIn(body: unknown): string | null {
  const error = member(body, "error");
  const words = typeof error === "string" ? error : member(error, "message");
  if (typeof words === "string") return words;
  return error === undefined || error === null ? null : JSON.stringify(error);
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new ChatError(text.playground.garbled, 0, text.playground.cutOffHint);
  }
}

function member(from: unknown, ...path: readonly (string | number)[]): unknown {
  let at = from;
  for (const name of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[name];
  }
  return at;
}
