/** `window.llamaRunner`: all that a page has of the shell. */
import type { LocalView } from "../shell/local-view";
import type { SettingName, Switches } from "../shell/settings";

/** What the dashboard may know of the shell around it. */
export interface ShellState {
  readonly version: string;
  readonly electron: string;
  readonly platform: string;
  readonly sidecar: string;
}

/** Promises are rejected with a sentence for people. */
export interface Bridge {
  getState(): Promise<ShellState>;
  getView(): Promise<LocalView>;
  /** Tells every new view; the returned function ends that. */
  onView(listener: (view: LocalView) => void): () => void;
  getSettings(): Promise<Switches>;
  setSetting(name: SettingName, value: boolean): Promise<Switches>;
  /** These three resolve with what to tell the person; may be empty. */
  restart(): Promise<string>;
  copyDiagnostics(): Promise<string>;
  openLogs(): Promise<string>;
  quit(): Promise<string>;
}
