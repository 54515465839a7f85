/** What the shell needs of the desktop around it; `adapters/` has it from Electron. */
import type { Entry } from "../ui/entries";
import type { Placement } from "../ui/placement";
import type { TrayView } from "../ui/tray";
import type { PageWindow } from "./screen-keeper";

/** The one window. */
export interface ShellWindow extends PageWindow {
  /** Brings it to the front, from the tray or the task bar if need be. */
  reveal(): void;
  hide(): void;
  placement(): Placement;
}

/** The desktop: what is told to people, and what the system does for us. */
export interface Desktop {
  setMenu(entries: readonly Entry[]): void;
  setTray(view: TrayView): void;
  notify(title: string, body: string): void;
  /** A dialog with one button. */
  tell(text: string, detail: string): void;
  /** A dialog with two buttons; true for the first. */
  confirm(text: string, detail: string, yes: string, no: string): Promise<boolean>;
  copy(text: string): Promise<void>;
  /** Opens a folder of files; gives what went wrong, or nothing. */
  openFolder(path: string): Promise<string>;
  /** Throws with the system's words when it refuses. */
  setStartAtLogin(wanted: boolean): void;
  /**
   * Has what starts at login be this program, where it is now; false when nothing of ours does any
   * more. Throws with the system's words.
   */
  renewStartAtLogin(): boolean;
}
