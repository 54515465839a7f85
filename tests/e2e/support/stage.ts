/** One sidecar and one browser for all tests of a file, and what is checked after each. */
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { Browser } from "./browser";
import { Dashboard } from "./dashboard";
import { Sidecar, type SidecarOptions } from "./sidecar";

export interface Stage {
  readonly sidecar: Sidecar;
  readonly browser: Browser;
  readonly dashboard: Dashboard;
}

/**
 * Set up a stage for the tests of this file. Its members may be used inside tests only.
 *
 * After each test: a picture and the sidecar's log when it failed, and a failure when the page
 * had any error in its console or any failed request. At the end no engine may be left.
 */
export function setStage(options: SidecarOptions = {}): Stage {
  const sidecar = new Sidecar(options);
  let browser: Browser | null = null;

  beforeAll(async () => {
    [browser] = await Promise.all([Browser.launch(), sidecar.start()]);
    if (options.demo !== "none") await sidecar.untilState("demo", "online");
  });

  afterEach(async ({ task }) => {
    const problems = browser?.takeProblems() ?? [];
    if (task.result?.state === "fail" || problems.length > 0) {
      const path = await browser?.picture(`${task.file.name}-${task.name}`).catch(String);
      process.stderr.write(`\npicture: ${path ?? "none"}\n${sidecar.lastWords()}\n`);
    }
    expect(problems, "errors on the page").toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    const strays = await sidecar.dispose();
    expect(strays, "engines that outlived their sidecar").toEqual([]);
  });

  const present = (): Browser => {
    if (browser === null) throw new Error("the stage is used outside of tests");
    return browser;
  };
  return {
    sidecar,
    get browser() {
      return present();
    },
    get dashboard() {
      return new Dashboard(present().page, sidecar.url);
    },
  };
}
