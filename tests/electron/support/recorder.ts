import type { Desktop, ShellWindow } from "../../../electron/src/shell/ports";
import type { Entry } from "../../../electron/src/ui/entries";
import type { TrayView } from "../../../electron/src/ui/tray";

/** The desktop and the window, writing down what they are asked to do. */
export class Recorder implements Desktop, ShellWindow {
  readonly did: string[] = [];
  /** Sentences for people. */
  readonly told: string[] = [];
  /** Questions, with the words of their buttons; `answer` is for the last one. */
  readonly asked: (readonly string[])[] = [];
  answer: (yes: boolean) => void = () => undefined;
  refuse: (why: Error) => void = () => undefined;
  copied = "";
  tray: TrayView | null = null;
  menu: readonly Entry[] = [];
  refusal: string | null = null;
  /** Whether something of ours starts at login, as the system tells. */
  startsAtLogin = true;
  folderProblem = "";
  private address = "";

  load(url: string): void {
    this.address = url;
    this.did.push(`load ${url}`);
  }
  url(): string {
    return this.address;
  }
  /** Views for the page, which are looked at where they are made, and sentences for people. */
  tell(given: unknown): void {
    if (typeof given === "string") this.told.push(given);
  }
  reveal(): void {
    this.did.push("reveal");
  }
  hide(): void {
    this.did.push("hide");
  }
  placement() {
    return { x: 1, y: 2, width: 800, height: 600, isMaximized: false };
  }
  setMenu(entries: readonly Entry[]): void {
    this.menu = entries;
  }
  setTray(view: TrayView): void {
    this.tray = view;
  }
  notify(title: string): void {
    this.did.push(`notify ${title}`);
  }
  confirm(...question: readonly string[]): Promise<boolean> {
    this.asked.push(question);
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.refuse = reject;
    });
  }
  copy(text: string): Promise<void> {
    this.copied = text;
    return Promise.resolve();
  }
  openFolder(path: string): Promise<string> {
    this.did.push(`open ${path}`);
    return Promise.resolve(this.folderProblem);
  }
  setStartAtLogin(wanted: boolean): void {
    if (this.refusal !== null) throw new Error(this.refusal);
    this.did.push(`login ${String(wanted)}`);
  }
  renewStartAtLogin(): boolean {
    if (this.refusal !== null) throw new Error(this.refusal);
    this.did.push("login renewed");
    return this.startsAtLogin;
  }
}
