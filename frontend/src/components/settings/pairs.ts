/** Names and values between an object and rows on the screen: pure. */
import { isObject, type Json, type JsonObject } from "../../stores/document";

export interface Pair {
  readonly name: string;
  readonly value: Json;
}

export function asPairs(value: Json | undefined): Pair[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, one]) => ({ name, value: one }));
}

/** Rows without a name are not there yet; of two with the same name the last one counts. */
export function asObject(pairs: readonly Pair[]): JsonObject {
  return Object.fromEntries(
    pairs.filter((pair) => pair.name !== "").map((pair) => [pair.name, pair.value]),
  );
}

/** `true`, `false` and numbers mean themselves; everything else is text. */
export function scalarOf(words: string): Json {
  if (words === "true" || words === "false") return words === "true";
  const number = Number(words);
  return /^-?\d/.test(words) && Number.isFinite(number) && String(number) === words
    ? number
    : words;
}
