import type { End } from "./life";

/** Where the sidecar stands, as the rest of the shell sees it. */
export type SidecarState =
  | { readonly kind: "starting"; readonly sinceMs: number; readonly again: boolean }
  | {
      readonly kind: "running";
      readonly origin: string;
      readonly version: string;
      readonly degraded: readonly string[];
    }
  | { readonly kind: "waiting"; readonly failure: Failure; readonly retryAtMs: number }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "stopping" }
  /** Ended as wanted; `byUs` is false when somebody stopped it from outside. */
  | { readonly kind: "stopped"; readonly byUs: boolean };

/** Why there is no sidecar. */
export interface Failure extends End {
  /** What the sidecar said itself; empty when it said nothing. */
  readonly said: string;
  /** It was tried several times before this was given up. */
  readonly gaveUp: boolean;
}

/** How to reach the running sidecar; the token never leaves the main process. */
export interface Access {
  readonly origin: string;
  readonly token: string;
}
