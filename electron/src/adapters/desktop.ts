import {
  clipboard,
  dialog,
  Menu,
  type MenuItemConstructorOptions,
  nativeImage,
  type NativeImage,
  Notification,
  shell,
  Tray,
} from "electron";

import type { Desktop } from "../shell/ports";
import type { SettingName } from "../shell/settings";
import type { CommandName, Entry } from "../ui/entries";
import type { TrayView } from "../ui/tray";

/** Where commands go, and what the desktop is told with. */
export interface Wiring {
  readonly run: (command: CommandName) => void;
  readonly flip: (name: SettingName) => void;
  readonly icon: (tone: TrayView["tone"]) => string;
  readonly setStartAtLogin: (wanted: boolean) => void;
  readonly renewStartAtLogin: () => boolean;
}

/** Some desktops never tell that a notification has gone. */
const MOST_NOTICES = 20;

export class ElectronDesktop implements Desktop {
  private tray: Tray | null = null;
  private drawnTray = "";
  private drawnMenu = "";
  /** A notification that nobody holds is forgotten before it is clicked. */
  private readonly notices = new Set<Notification>();

  constructor(private readonly wiring: Wiring) {}

  setMenu(entries: readonly Entry[]): void {
    const drawn = JSON.stringify(entries);
    if (drawn === this.drawnMenu) return;
    this.drawnMenu = drawn;
    Menu.setApplicationMenu(this.menu(entries));
  }

  setTray(view: TrayView): void {
    const drawn = JSON.stringify(view);
    if (drawn === this.drawnTray) return;
    this.drawnTray = drawn;
    const image = nativeImage.createFromPath(this.wiring.icon(view.tone));
    if (process.platform === "darwin") image.setTemplateImage(true);
    this.tray ??= this.newTray(image);
    this.tray.setImage(image);
    this.tray.setToolTip(view.tooltip);
    this.tray.setContextMenu(this.menu(view.entries));
  }

  notify(title: string, body: string): void {
    if (!Notification.isSupported()) return;
    const notice = new Notification({ title, body });
    this.notices.add(notice);
    for (const oldest of [...this.notices].slice(0, -MOST_NOTICES)) this.notices.delete(oldest);
    const forget = (): void => {
      this.notices.delete(notice);
    };
    notice.on("click", () => {
      forget();
      this.wiring.run("open");
    });
    notice.on("close", forget);
    notice.show();
  }

  tell(text: string, detail: string): void {
    void dialog.showMessageBox({ type: "info", message: text, detail, buttons: ["OK"] });
  }

  async confirm(text: string, detail: string, yes: string, no: string): Promise<boolean> {
    const answer = await dialog.showMessageBox({
      ...{ type: "question", message: text, detail },
      ...{ buttons: [yes, no], defaultId: 0, cancelId: 1, noLink: true },
    });
    return answer.response === 0;
  }

  async copy(text: string): Promise<void> {
    // At once in Electron 22, a promise in later ones.
    await clipboard.writeText(text);
  }

  openFolder(path: string): Promise<string> {
    return shell.openPath(path);
  }

  setStartAtLogin(wanted: boolean): void {
    this.wiring.setStartAtLogin(wanted);
  }

  renewStartAtLogin(): boolean {
    return this.wiring.renewStartAtLogin();
  }

  private newTray(image: NativeImage): Tray {
    const tray = new Tray(image);
    // Where a click does not open the menu by itself, it opens the window.
    tray.on("click", () => {
      if (process.platform !== "darwin") this.wiring.run("open");
    });
    return tray;
  }

  private menu(entries: readonly Entry[]) {
    return Menu.buildFromTemplate(entries.map((entry) => this.item(entry)));
  }

  private item(entry: Entry): MenuItemConstructorOptions {
    const { command, setting, submenu, ...same } = entry;
    return {
      ...same,
      ...(submenu === undefined ? {} : { submenu: submenu.map((one) => this.item(one)) }),
      ...(command === undefined
        ? {}
        : {
            click: () => {
              this.wiring.run(command);
            },
          }),
      ...(setting === undefined
        ? {}
        : {
            click: () => {
              this.wiring.flip(setting);
            },
          }),
    };
  }
}
