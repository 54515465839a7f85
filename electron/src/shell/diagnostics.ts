/** The text that "Copy Diagnostics" copies: what a report needs, without secrets. Pure. */
import { PRODUCT } from "../identity";
import { redact } from "../redact";
import type { SidecarState } from "../sidecar/state";
import type { LocalView } from "./local-view";

/** What it is made from. */
export interface Findings {
  readonly version: string;
  readonly electron: string;
  readonly system: string;
  readonly program: string;
  readonly isPackaged: boolean;
  readonly isSoftware: boolean;
  readonly state: SidecarState;
  readonly view: LocalView;
  readonly log: readonly string[];
}

/** Several lines, ready to be pasted. */
export function diagnosticsText(found: Findings): string {
  const lines = [
    `${PRODUCT} ${found.version} (window)`,
    `Electron ${found.electron}, ${found.system}${found.isPackaged ? "" : ", from a checkout"}`,
    ...(found.isSoftware ? ["Drawn without the graphics card"] : []),
    `Sidecar: ${stateText(found.state)}`,
    `Program: ${found.program}`,
    ...(found.view.kind === "failed" ? [`Shown: ${found.view.title}`, found.view.detail] : []),
    "",
    `Last ${found.log.length} lines of the log:`,
    ...found.log,
  ];
  return `${redact(lines.join("\n"))}\n`;
}

function stateText(state: SidecarState): string {
  switch (state.kind) {
    case "running":
      return [`running, version ${state.version}`, ...state.degraded].join("; ");
    case "waiting":
    case "failed": {
      const { cause, code, signal } = state.failure;
      return `${state.kind} (${cause}, exit code ${code ?? "none"}, signal ${signal ?? "none"})`;
    }
    case "starting":
    case "stopping":
    case "stopped":
      return state.kind;
  }
}
