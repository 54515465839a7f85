import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { readSettings, type SettingName, type Settings, settingsText } from "./settings";

/** `desktop.json`: read once, written whole and in one step at every change. */
export class SettingsFile {
  /** The file was there and could not be understood: the person is told. */
  readonly wasDamaged: boolean;
  private settings: Settings;
  private isToBeKept: boolean;

  constructor(
    private readonly path: string,
    platform: NodeJS.Platform,
    private readonly log: (text: string) => void,
  ) {
    const reading = readSettings(this.text(), platform);
    this.settings = reading.settings;
    this.wasDamaged = reading.isDamaged;
    this.isToBeKept = reading.isDamaged;
  }

  get current(): Settings {
    return this.settings;
  }

  /** Changes some of it. What cannot be written is kept until the app ends, and logged. */
  change(changes: Partial<Settings>): void {
    this.settings = { ...this.settings, ...changes };
    this.keepDamaged();
    const beside = `${this.path}.new`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(beside, settingsText(this.settings), { mode: 0o600 });
      renameSync(beside, this.path);
    } catch (error) {
      this.log(`desktop.json cannot be written: ${String(error)}`);
    }
  }

  /** Sets one switch. */
  flip(name: SettingName, value: boolean): void {
    this.change({ switches: { ...this.settings.switches, [name]: value } });
  }

  /** Whoever wrote it by hand finds it beside the new one. */
  private keepDamaged(): void {
    if (!this.isToBeKept) return;
    this.isToBeKept = false;
    try {
      copyFileSync(this.path, `${this.path}.damaged`);
    } catch (error) {
      this.log(`the damaged desktop.json cannot be kept: ${String(error)}`);
    }
  }

  private text(): string | null {
    try {
      return readFileSync(this.path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      this.log(`desktop.json cannot be read: ${String(error)}`);
      return "";
    }
  }
}
