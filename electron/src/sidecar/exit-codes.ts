/** What the sidecar's exit codes mean to the shell. The numbers are the contract with the sidecar. */
export const EXIT = {
  WANTED: 0,
  USAGE: 64,
  UNAVAILABLE: 69,
  CANNOT_CREATE: 73,
  TEMPORARY: 75,
  NO_PERMISSION: 77,
  CONFIG: 78,
} as const;

const HOPELESS: ReadonlySet<number> = new Set([
  EXIT.USAGE,
  EXIT.UNAVAILABLE,
  EXIT.CANNOT_CREATE,
  EXIT.NO_PERMISSION,
  EXIT.CONFIG,
]);

/** Starting again would end the same way: a person has to change something first. */
export function isHopeless(code: number | null): boolean {
  return code !== null && HOPELESS.has(code);
}
