/** Names of files that are saved from the page. */

/** Letters that every file system takes; anything else becomes a dash. */
export function fileSafe(words: string): string {
  return words.replaceAll(/[^\p{L}\p{N}._]+/gu, "-").replaceAll(/^[-.]+|[-.]+$/g, "");
}

/** A moment in UTC as a part of a name: `20261122T014500Z`. */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** `<host>_<what>_<from>_<to>.<ending>` */
export function exportName(
  host: string,
  what: string,
  span: { readonly fromMs: number; readonly toMs: number },
  ending: string,
): string {
  const parts = [fileSafe(host), fileSafe(what), stamp(span.fromMs), stamp(span.toMs)];
  return `${parts.filter((part) => part !== "").join("_")}.${ending}`;
}
