/** What the shell's own page shows while there is no dashboard to show. Pure. */
import type { Failure, SidecarState } from "../sidecar/state";
import { words } from "./words";

/** The page's content; it holds nothing secret. */
export interface LocalView {
  readonly kind: "starting" | "failed";
  readonly title: string;
  readonly text: string;
  /** What the sidecar itself said, or which file it is about; may be empty. */
  readonly detail: string;
  /** The end of the log, oldest first; empty where it is not shown. */
  readonly log: readonly string[];
  readonly canRestart: boolean;
  readonly canCopy: boolean;
}

/** Trouble with the page itself while the sidecar runs. */
export type PageTrouble = "crashed" | "not-loaded";

/** After how long a start is commented on. */
export const PATIENCE_MS = { still: 3000, long: 15_000, veryLong: 60_000 } as const;

/** The view for a state, `nowMs` being on the clock of the state. */
export function localView(
  state: SidecarState,
  trouble: PageTrouble | null,
  log: readonly string[],
  nowMs: number,
): LocalView {
  if (state.kind === "failed") return failedView(state.failure, log);
  if (state.kind === "starting") return startingView(state.again, nowMs - state.sinceMs, log);
  if (state.kind === "waiting") return startingView(true, 0, log);
  if (trouble !== null && state.kind === "running") return troubleView(trouble, log);
  return startingView(false, 0, log);
}

function startingView(again: boolean, sinceMs: number, log: readonly string[]): LocalView {
  const { starting } = words;
  const isLong = sinceMs >= PATIENCE_MS.long;
  const isVeryLong = sinceMs >= PATIENCE_MS.veryLong;
  const early = again ? starting.again : starting.first;
  const late = isLong ? starting.long : starting.still;
  const soon = sinceMs >= PATIENCE_MS.still ? late : early;
  return {
    kind: "starting",
    title: starting.title,
    text: isVeryLong ? starting.veryLong : soon,
    detail: "",
    log: isLong ? log : [],
    canRestart: isVeryLong,
    canCopy: isVeryLong,
  };
}

function troubleView(trouble: PageTrouble, log: readonly string[]): LocalView {
  const { failed } = words;
  const isCrash = trouble === "crashed";
  return {
    kind: "failed",
    title: isCrash ? failed.page : failed.load,
    text: isCrash ? failed.pageText : failed.loadText,
    detail: "",
    log,
    canRestart: true,
    canCopy: true,
  };
}

function failedView(failure: Failure, log: readonly string[]): LocalView {
  const { title, text } = describe(failure);
  return {
    kind: "failed",
    title,
    text: failure.gaveUp ? `${words.failed.gaveUp} ${text}` : text,
    detail: [failure.said, failure.problem].filter((part) => part !== "").join("\n"),
    log,
    canRestart: true,
    canCopy: true,
  };
}

function describe(failure: Failure): { title: string; text: string } {
  const { failed } = words;
  switch (failure.cause) {
    case "missing":
      return { title: failed.missing, text: failed.missingText };
    case "silent":
      return { title: failed.silent, text: failed.silentText };
    case "not-ours":
      return { title: failed.notOurs, text: failed.notOursText };
    case "exit":
      break;
  }
  const known = failed.codes.get(failure.code ?? -1);
  if (known !== undefined) return known;
  return {
    title: failed.exit,
    text: `${failed.ended(failure.code, failure.signal)} ${failed.exitText}`,
  };
}
