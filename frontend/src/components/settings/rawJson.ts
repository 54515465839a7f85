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
  } catch {
    return { document: null, problem: problemOf(words) };
  }
  if (!isObject(value)) return { document: null, problem: text.settings.raw.notObject };
  return { document: value, problem: "" };
}

/** Browsers tell of the place each in its own way, or not at all. */
function problemOf(words: string): string {
  const at = new Scanner(words).faultAt();
  const before = words.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const found = at === words.length ? "" : words.slice(at, at + 12).split("\n")[0];
  return text.settings.raw.fault(line, column, found ?? "");
}

const TOKEN =
  /\s*("(?:[^"\\\n]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:])/y;

/** Reads JSON only to find where it stops being JSON. */
class Scanner {
  readonly #words: string;
  #at = 0;

  constructor(words: string) {
    this.#words = words;
  }

  faultAt(): number {
    if (this.#value()) this.#peek();
    return this.#at + (/^\s*/.exec(this.#words.slice(this.#at))?.[0].length ?? 0);
  }

  #peek(): string | undefined {
    TOKEN.lastIndex = this.#at;
    return TOKEN.exec(this.#words)?.[1];
  }

  #take(wanted: (token: string) => boolean): boolean {
    const token = this.#peek();
    if (token === undefined || !wanted(token)) return false;
    this.#at = TOKEN.lastIndex;
    return true;
  }

  #value(): boolean {
    if (this.#is("{")) {
      return this.#members("}", () => this.#text() && this.#is(":") && this.#value());
    }
    if (this.#is("[")) return this.#members("]", () => this.#value());
    return this.#take((token) => !"]},:".includes(token));
  }

  #members(end: string, member: () => boolean): boolean {
    if (this.#is(end)) return true;
    do {
      if (!member()) return false;
    } while (this.#is(","));
    return this.#is(end);
  }

  #is(sign: string): boolean {
    return this.#take((token) => token === sign);
  }

  #text(): boolean {
    return this.#take((token) => token.startsWith('"'));
  }
}
