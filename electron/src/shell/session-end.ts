/** What to answer when Windows asks whether the session may end. Pure. */

export interface SessionQuery {
  /** In Electron's words: shutdown, logoff, close-app, critical. */
  readonly reasons: readonly string[];
  /** There is a sidecar, and with it perhaps models, to be stopped in order. */
  readonly hasSidecar: boolean;
  readonly isLeaving: boolean;
  /** Everything is stopped. */
  readonly isOpen: boolean;
}

/**
 * delay: Windows waits, shows that it does, and goes on by itself once we have ended. A forced end
 * waits for nobody, so that asking for it would only cost time.
 */
export function onSessionQuery(query: SessionQuery): "delay" | "go" {
  if (query.isOpen || query.reasons.includes("critical")) return "go";
  return query.hasSidecar || query.isLeaving ? "delay" : "go";
}
