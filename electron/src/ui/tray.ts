/** The tray: how the models are at a glance, and the few things one wants at once. Pure. */
import type { Glance, Tone } from "../api/glance";
import { PRODUCT } from "../identity";
import { words } from "../shell/words";
import type { SidecarState } from "../sidecar/state";
import { commandEntry, type Entry, plain, SEPARATOR } from "./entries";
import { watchEntry } from "./menu";

/** What the tray shows. */
export interface TrayView {
  readonly tone: Tone;
  readonly tooltip: string;
  readonly entries: readonly Entry[];
}

/** The tray for a state; `glance` is the last one of the running sidecar, if there was one. */
export function trayView(state: SidecarState, glance: Glance | null): TrayView {
  const { tone, lines } = summary(state, glance);
  const { commands } = words;
  const isRunning = state.kind === "running";
  return {
    tone,
    tooltip: [PRODUCT, ...lines].join("\n"),
    entries: [
      ...lines.map((line): Entry => ({ label: plain(line), enabled: false })),
      SEPARATOR,
      commandEntry("open", commands.open),
      commandEntry("heal", commands.heal, { enabled: isRunning }),
      watchEntry({ isRunning, isWatching: glance?.isWatching ?? true }),
      SEPARATOR,
      commandEntry("quit", commands.quit),
    ],
  };
}

function summary(
  state: SidecarState,
  glance: Glance | null,
): { tone: Tone; lines: readonly string[] } {
  const { tray } = words;
  switch (state.kind) {
    case "starting":
    case "waiting":
      return { tone: "busy", lines: [tray.starting] };
    case "stopping":
      return { tone: "busy", lines: [tray.stopping] };
    case "failed":
    case "stopped":
      return { tone: "bad", lines: [tray.down] };
    case "running":
      return glance === null ? { tone: "busy", lines: [tray.starting] } : ofModels(glance);
  }
}

function ofModels(glance: Glance): { tone: Tone; lines: readonly string[] } {
  const { tray } = words;
  const count = glance.total === 0 ? tray.none : tray.online(glance.online, glance.total);
  return {
    tone: glance.total === 0 ? "off" : glance.tone,
    lines: [
      count,
      ...(glance.isWatching ? [] : [tray.paused]),
      ...(glance.troubled.length > 0 ? [tray.troubled(glance.troubled)] : []),
    ],
  };
}
