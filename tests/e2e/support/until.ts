/** Longest wait for anything that a slow machine with two very busy cores may take. */
export const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 50;

/**
 * Look again and again until there is an answer; resolves with it.
 *
 * `look` says "not yet" with false, null or undefined. Throws when `patienceMs` have passed, with
 * `what` as what was waited for; an error of `look` itself ends the wait at once.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) {
      return seen as NonNullable<Exclude<T, false>>;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${String(patienceMs / 1000)} s in vain until ${what}`);
    }
    await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
  }
}
