/** A configuration as plain JSON, and places in it: pure. Nothing is ever changed in place. */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
/** Keys and indices from the top. */
export type Path = readonly (string | number)[];

/** What stands for a stored secret, on the way out and back. */
export const HIDDEN = "•••";

const PLAIN_KEY = /^[\p{L}_-][\p{L}\p{N}_-]*$/u;

/** A place as the sidecar names it in problems: `endpoints[0].env["A B"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${String(part)}]`;
    if (!PLAIN_KEY.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function valueAt(document: Json, path: Path): Json | undefined {
  let value: Json | undefined = document;
  for (const part of path) {
    if (Array.isArray(value))
      value = typeof part === "number" ? (value as Json[])[part] : undefined;
    else if (isObject(value)) value = value[String(part)];
    else return undefined;
  }
  return value;
}

/** The document with another value at `path`; `undefined` takes the key out, and what it empties. */
export function withValue(document: JsonObject, path: Path, value: Json | undefined): JsonObject {
  return placed(document, path, value) as JsonObject;
}

function placed(inside: Json | undefined, path: Path, value: Json | undefined): Json | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === "number") {
    const list = Array.isArray(inside) ? [...(inside as Json[])] : [];
    const next = placed(list[part], rest, value);
    if (next === undefined) list.splice(part, 1);
    else list[part] = next;
    return list;
  }
  const { [part]: before, ...others } = isObject(inside) ? inside : {};
  const next = placed(before, rest, value);
  if (next === undefined || isEmptied(before, next)) return others;
  // A key that was there keeps its place.
  return before === undefined
    ? { ...others, [part]: next }
    : { ...(inside as JsonObject), [part]: next };
}

function isEmptied(before: Json | undefined, next: Json): boolean {
  return isObject(next) && Object.keys(next).length === 0 && isObject(before);
}

/** A value in a line of text; empty for what is not there. */
export function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    const others = b as readonly Json[];
    return a.length === others.length && a.every((one, at) => isSame(one as Json, others[at]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]))
  );
}

export interface Difference {
  readonly path: string;
  readonly mine: string;
  readonly theirs: string;
}

/** Where two documents differ, leaf by leaf; endpoints are told apart by their names. */
export function differences(
  mine: Json | undefined,
  theirs: Json | undefined,
  at = "",
): Difference[] {
  if (isSame(mine, theirs)) return [];
  if (isObject(mine) && isObject(theirs)) {
    const keys = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) =>
      differences(mine[key], theirs[key], at === "" ? key : `${at}.${key}`),
    );
  }
  const ours = byName(mine);
  const others = byName(theirs);
  if (ours !== null && others !== null) {
    const names = new Set([...ours.keys(), ...others.keys()]);
    const found = [...names].flatMap((name) =>
      differences(ours.get(name), others.get(name), `${at}[${name}]`),
    );
    // The same entries in another order.
    if (found.length > 0) return found;
  }
  return [{ path: at, mine: shown(mine), theirs: shown(theirs) }];
}

function byName(list: Json | undefined): Map<string, JsonObject> | null {
  if (!Array.isArray(list)) return null;
  const named = new Map<string, JsonObject>();
  for (const entry of list as Json[]) {
    const name = isObject(entry) ? entry["name"] : undefined;
    if (!isObject(entry) || typeof name !== "string" || named.has(name)) return null;
    named.set(name, entry);
  }
  return named;
}

function shown(value: Json | undefined): string {
  return value === undefined ? "" : JSON.stringify(value);
}

/** The entry of the endpoint with this name. */
export function entryNamed(document: JsonObject, name: string): JsonObject | undefined {
  return byName(document["endpoints"])?.get(name);
}
