import { beforeEach, describe, expect, test } from "vitest";

import { words } from "../../../electron/src/shell/words";
import {
  type Installation,
  type Route,
  updateRoute,
} from "../../../electron/src/updates/update-policy";
import { Updates } from "../../../electron/src/updates/updates";
import { FakeClock } from "../support/fake-clock";
import { settle } from "../support/settle";

const DAY_MS = 86_400_000;

describe("who replaces this installation", () => {
  const base: Installation = {
    ...{ platform: "linux" as const, isPackaged: true, hasFeed: true, appImage: undefined },
    ...{ portableFolder: undefined, isInApplications: true },
  };

  test.each([
    ["an AppImage: we do", { ...base, appImage: "/x.AppImage" }, "ask"],
    ["a deb or an archive: others do", base, "elsewhere"],
    ["an AppImage without an address", { ...base, appImage: "/x", hasFeed: false }, "elsewhere"],
    ["a checkout", { ...base, appImage: "/x", isPackaged: false }, "elsewhere"],
    ["Windows' installer: we do", { ...base, platform: "win32" }, "ask"],
    ["a portable program", { ...base, platform: "win32", portableFolder: "D:\\x" }, "elsewhere"],
    ["macOS in Applications: we do", { ...base, platform: "darwin" }, "ask"],
    ["macOS from a download", { ...base, platform: "darwin", isInApplications: false }, "move"],
    ["another system", { ...base, platform: "freebsd" }, "elsewhere"],
  ] as [string, Installation, Route][])("%s", (_name, installation, route) => {
    expect(updateRoute(installation)).toBe(route);
  });
});

describe("updating", () => {
  let steps: string[];
  let answers: boolean[];
  let newer: string | null | Error;
  let isWanted: boolean;
  let clock: FakeClock;
  let isReachable: boolean;

  beforeEach(() => {
    isReachable = true;
    [steps, answers, newer, isWanted, clock] = [[], [], "0.2.0", true, new FakeClock()];
  });

  function updates(route: Route = "ask") {
    return new Updates({
      route,
      clock,
      engine: () =>
        Promise.resolve({
          look: () => {
            steps.push("look");
            return newer instanceof Error ? Promise.reject(newer) : Promise.resolve(newer);
          },
          download: () => {
            steps.push("download");
            return isReachable ? Promise.resolve() : Promise.reject(new Error("cut off"));
          },
          install: () => steps.push("install"),
        }),
      isWanted: () => isWanted,
      confirm: (text) => {
        steps.push(`ask: ${text}`);
        return Promise.resolve(answers.shift() ?? false);
      },
      tell: (text) => steps.push(`tell: ${text}`),
      leave: (last) => {
        steps.push("stop everything");
        last();
      },
      log: () => undefined,
    });
  }

  test("asks before it downloads and before it installs, and stops everything first", async () => {
    answers = [true, true];
    await updates().lookNow();
    expect(steps).toEqual([
      "look",
      `ask: ${words.updates.available("0.2.0")}`,
      "download",
      `ask: ${words.updates.ready("0.2.0")}`,
      "stop everything",
      "install",
    ]);
  });

  test("downloads nothing without a yes", async () => {
    await updates().lookNow();
    expect(steps).not.toContain("download");
  });

  test("installs nothing without a second yes, also not later", async () => {
    answers = [true, false];
    await updates().lookNow();
    expect(steps).not.toContain("stop everything");
    expect(steps).not.toContain("install");
  });

  test("tells whoever asked that there is nothing new, or that it failed", async () => {
    newer = null;
    await updates().lookNow();
    newer = new Error("offline");
    await updates().lookNow();
    expect(steps).toEqual([
      ...["look", `tell: ${words.updates.newest}`, "look", `tell: ${words.updates.failed}`],
    ]);
  });

  test.each([
    ["elsewhere", words.updates.elsewhere],
    ["move", words.updates.move],
  ] as const)("route %s is told and never looked up", async (route, text) => {
    const some = updates(route);
    some.begin();
    clock.pass(3 * DAY_MS);
    await some.lookNow();
    expect(steps).toEqual([`tell: ${text}`]);
  });

  test("looks by itself once a day, says nothing when there is nothing, and can be turned off", async () => {
    newer = null;
    updates().begin();
    clock.pass(60_000);
    await settle();
    clock.pass(DAY_MS);
    await settle();
    expect(steps).toEqual(["look", "look"]);
    isWanted = false;
    clock.pass(3 * DAY_MS);
    await settle();
    expect(steps).toHaveLength(2);
  });

  test("failing by itself disturbs nobody", async () => {
    newer = new Error("offline");
    updates().begin();
    clock.pass(60_000);
    await settle();
    expect(steps).toEqual(["look"]);
  });

  test("tells whoever said yes that the download failed, also when nobody had asked to look", async () => {
    isReachable = false;
    answers = [true];
    updates().begin();
    clock.pass(60_000);
    await settle();
    expect(steps.slice(-2)).toEqual(["download", `tell: ${words.updates.failed}`]);
  });

  test("who asks while it looks by itself is told what comes of it", async () => {
    newer = null;
    const some = updates();
    some.begin();
    clock.pass(60_000);
    await some.lookNow();
    await settle();
    expect(steps).toEqual(["look", `tell: ${words.updates.newest}`]);
  });

  test("asks one question at a time", async () => {
    const some = updates();
    await Promise.all([some.lookNow(), some.lookNow()]);
    expect(steps.filter((step) => step === "look")).toHaveLength(1);
  });
});
