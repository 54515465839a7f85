import { expect, test } from "vitest";

import { linkAmong, pathOfLink } from "../../../electron/src/shell/deep-link";
import { isSummons, readFlags, wordsAgain } from "../../../electron/src/shell/flags";

test.each([
  ["llama-runner-pro://open/overview", "/"],
  ["llama-runner-pro://open/gateway", "/gateway"],
  ["llama-runner-pro://open/logs/", "/logs"],
  ["LLAMA-RUNNER-PRO://open/settings", "/settings"],
  ["llama-runner-pro://open/endpoint/chat", "/endpoints/detail?name=chat"],
  [
    "llama-runner-pro://open/endpoint/Jörg%20Ł%2Fx",
    "/endpoints/detail?name=J%C3%B6rg%20%C5%81%2Fx",
  ],
])("%j shows %j", (link, path) => {
  expect(pathOfLink(link)).toBe(path);
});

test.each([
  "llama-runner-pro://open/",
  "llama-runner-pro://open/nothing",
  "llama-runner-pro://open/constructor",
  "llama-runner-pro://open/__proto__",
  "llama-runner-pro://open/../api/config",
  "llama-runner-pro://open/endpoint/",
  "llama-runner-pro://open/endpoint/%20",
  "llama-runner-pro://open/endpoint/a%00b",
  "llama-runner-pro://open/endpoint/a%0Ab",
  "llama-runner-pro://open/endpoint/%E0%A4%A",
  "llama-runner-pro://open/endpoint/a/b",
  "llama-runner-pro://open/endpoint/a?x=1",
  "llama-runner-pro://open/endpoint/a#x",
  "llama-runner-pro://open\\settings",
  `llama-runner-pro://open/endpoint/${"a".repeat(201)}`,
  `llama-runner-pro://open/endpoint/${"a".repeat(600)}`,
  "llama-runner-pro://quit",
  "llama-runner-pro:open/logs",
  "https://open/logs",
  "javascript:alert(1)",
  "",
])("%j shows nothing", (link) => {
  expect(pathOfLink(link)).toBeNull();
});

test("the link is found among the words of a command line", () => {
  const link = "llama-runner-pro://open/logs";
  expect(linkAmong(["--hidden", link, "llama-runner-pro://open/alerts"])).toBe(link);
  expect(linkAmong(["--hidden", "file.txt"])).toBeNull();
  expect(readFlags(["--no-sandbox", "--hidden"])).toEqual({ isHidden: true, link: null });
  expect(readFlags([link])).toEqual({ isHidden: false, link });
});

test("an app that begins anew is asked for, so it is not hidden, and follows the newest link only", () => {
  const old = "llama-runner-pro://open/alerts";
  const link = "llama-runner-pro://open/logs";
  const words = ["/checkout", "--hidden", "--user-data-dir=/x", old];
  expect(wordsAgain(words, link)).toEqual(["/checkout", "--user-data-dir=/x", link]);
  expect(wordsAgain(words, null)).toEqual(["/checkout", "--user-data-dir=/x"]);
});

test("a start by the system at login brings no window to the front", () => {
  expect(isSummons(readFlags(["--hidden"]))).toBe(false);
  expect(isSummons(readFlags([]))).toBe(true);
  expect(isSummons(readFlags(["--hidden", "llama-runner-pro://open/logs"]))).toBe(true);
});
