/** A configuration as somebody types it: pure. */
import { text } from "../../i18n";
import { isObject, type Json, type JsonObject } from "../../stores/document";

export type Parsed =
  | { readonly document: JsonObject; readonly problem: "" }
  | { readonly document: null; readonly problem: string };

export function parseRaw(words: string): Parsed {
  let value: Json;
  try {
    value = JSON.parse(words) as Json;
  } catch (error) {
    return { document: null, problem: problemOf((error as SyntaxError).message, words) };
  }
  if (!isObject(value)) return { document: null, problem: text.settings.raw.notObject };
  return { document: value, problem: "" };
}

/** Browsers name the place in their own ways: by line and column, or by position. */
function problemOf(message: string, words: string): string {
  const byPosition = /position (\d+)/.exec(message);
  if (byPosition?.[1] === undefined) return message;
  const before = words.slice(0, Number(byPosition[1]));
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  const reason = message.replace(/ (in JSON )?at position.*$/, "").replace(/^JSON\.parse: /, "");
  return `${text.settings.raw.line(line, column)}: ${reason}`;
}
