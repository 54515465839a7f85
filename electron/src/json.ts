/** A JSON object whose members are not known yet. */
export type Members = Readonly<Record<string, unknown>>;

/** The object that `text` holds; null when it is anything else. */
export function parseObject(text: string): Members | null {
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether this is an object with members, not a list and not null. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A whole number within bounds; null for anything else. */
export function wholeNumber(value: unknown, least: number, most: number): number | null {
  const fits = typeof value === "number" && Number.isInteger(value);
  return fits && value >= least && value <= most ? value : null;
}
