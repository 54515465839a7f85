import { expect, test } from "vitest";

import { engineOf } from "../../../electron/src/updates/engine";

/** As electron-updater comes: eager. */
class Eager {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  logger: unknown = console;
  readonly done: string[] = [];

  constructor(private readonly found: { isUpdateAvailable: boolean; version: string } | null) {}

  checkForUpdates(): Promise<{
    isUpdateAvailable: boolean;
    updateInfo: { version: string };
  } | null> {
    const { found } = this;
    if (found === null) return Promise.resolve(null);
    const { isUpdateAvailable, version } = found;
    return Promise.resolve({ isUpdateAvailable, updateInfo: { version } });
  }

  downloadUpdate(): Promise<unknown> {
    this.done.push("fetched");
    return Promise.resolve();
  }

  quitAndInstall(): void {
    this.done.push("installed");
  }
}

test("looking fetches nothing, and quitting installs nothing", async () => {
  const updater = new Eager({ isUpdateAvailable: true, version: "2.0.0" });
  const engine = engineOf(updater);
  expect(await engine.look()).toBe("2.0.0");
  expect(updater.autoDownload).toBe(false);
  expect(updater.autoInstallOnAppQuit).toBe(false);
  expect(updater.done).toEqual([]);
});

test("what is asked for is fetched, then installed", async () => {
  const updater = new Eager({ isUpdateAvailable: true, version: "2.0.0" });
  const engine = engineOf(updater);
  await engine.download();
  engine.install();
  expect(updater.done).toEqual(["fetched", "installed"]);
});

test.each([
  ["the newest runs", { isUpdateAvailable: false, version: "1.0.0" }],
  ["nobody answers for this system", null],
])("there is no version to offer when %s", async (_, found) => {
  expect(await engineOf(new Eager(found)).look()).toBeNull();
});
