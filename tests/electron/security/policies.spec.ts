import { describe, expect, test } from "vitest";

import { headersFor } from "../../../electron/src/security/header-policy";
import {
  isOurs,
  mayLoad,
  mayNavigate,
  outside,
  placeOf,
} from "../../../electron/src/security/navigation-policy";
import { mayDownload, mayHave } from "../../../electron/src/security/permission-policy";

const ORIGIN = "http://127.0.0.1:8585";
const LOCAL = "data:text/html;charset=utf-8;base64,AAAA";
const PLACES = { origin: ORIGIN, localPage: LOCAL };
const TOKEN = "f".repeat(64);
const ACCESS = { origin: ORIGIN, token: TOKEN };

/** Addresses that look like ours and are not. */
const LOOKALIKES = [
  "http://127.0.0.1:8586/",
  "http://127.0.0.1/",
  "http://localhost:8585/",
  "http://[::1]:8585/",
  "https://127.0.0.1:8585/",
  "http://127.0.0.1:8585.evil.example/",
  "http://127.0.0.1:8585@evil.example/",
  "http://evil.example/http://127.0.0.1:8585/",
  "http://evil.example:8585/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "data:text/html,x",
  "about:blank",
  "chrome://gpu",
  "",
  "//127.0.0.1:8585/",
  // A page that a script has written, in the name of ours.
  "blob:http://127.0.0.1:8585/0b3cf1d8-5d3c-4b7e-9a57-7e0c2a1f5d11",
  "http://user:name@127.0.0.1:8585/",
  "http://user@127.0.0.1:8585/",
];

describe("navigation", () => {
  test("goes to the sidecar's pages and to the shell's own page", () => {
    expect(mayNavigate(`${ORIGIN}/endpoints?x=1#y`, PLACES)).toBe(true);
    expect(mayNavigate(LOCAL, PLACES)).toBe(true);
  });

  test.each(LOOKALIKES)("does not go to %j", (url) => {
    expect(mayNavigate(url, PLACES)).toBe(false);
  });

  test("goes nowhere but home while no sidecar runs", () => {
    const places = { origin: null, localPage: LOCAL };
    expect(mayNavigate(`${ORIGIN}/`, places)).toBe(false);
    expect(mayNavigate(LOCAL, places)).toBe(true);
    expect(isOurs("null", null)).toBe(false);
  });
});

describe("links out of the window", () => {
  test("https and mail are opened outside, as they were parsed", () => {
    expect(outside("https://Example.com/a b")).toEqual({
      verdict: "open",
      url: "https://example.com/a%20b",
    });
    expect(outside("mailto:a@example.com")).toMatchObject({ verdict: "open" });
  });

  test("without encryption a person is asked", () => {
    expect(outside("http://example.com")).toEqual({ verdict: "ask", url: "http://example.com/" });
  });

  test.each([
    ...["file:///etc/passwd", "javascript:alert(1)", "smb://host/x", "ms-msdt:/id", "vscode://x"],
    ...["llama-runner-pro://open/logs", "data:text/html,x", "not an address", ""],
    ...["https://user:secret@example.com/", "https://user@example.com/"],
  ])("%j is refused", (url) => {
    expect(outside(url)).toEqual({ verdict: "refuse" });
  });
});

describe("what the window's storage may load", () => {
  test.each([
    ...[`${ORIGIN}/assets/x.js`, "ws://127.0.0.1:8585/metrics", "http://127.0.0.1:1234/v1/models"],
    ...["http://localhost:1234/", "http://[::1]:1234/", LOCAL, `blob:${ORIGIN}/1`],
  ])("%j is loaded", (url) => {
    expect(mayLoad(url)).toBe(true);
  });

  test.each([
    ...["https://example.com/x.js", "http://example.com/", "wss://example.com/", "file:///etc/x"],
    ...["http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "https://127.0.0.1/", "rubbish"],
  ])("%j is not", (url) => {
    expect(mayLoad(url)).toBe(false);
  });
});

describe("the token's header", () => {
  test.each([`${ORIGIN}/api/health`, `${ORIGIN}/`, "ws://127.0.0.1:8585/metrics?x=1"])(
    "goes with %j",
    (url) => {
      expect(headersFor(url, { Accept: "*/*" }, ACCESS)).toEqual({
        Accept: "*/*",
        Authorization: `Bearer ${TOKEN}`,
      });
    },
  );

  test.each([...LOOKALIKES, "ws://127.0.0.1:1234/", "wss://127.0.0.1:8585/metrics"])(
    "does not go with %j",
    (url) => {
      expect(JSON.stringify(headersFor(url, { Accept: "*/*" }, ACCESS))).not.toContain(TOKEN);
    },
  );

  test("is taken off when a redirect leads elsewhere, in any spelling", () => {
    for (const name of ["Authorization", "authorization"]) {
      const headers = { [name]: `Bearer ${TOKEN}`, Accept: "*/*" };
      expect(headersFor("http://127.0.0.1:1234/", headers, ACCESS)).toEqual({ Accept: "*/*" });
    }
  });

  test("leaves keys for the gateway alone", () => {
    const headers = { Authorization: "Bearer gateway-key" };
    expect(headersFor("http://127.0.0.1:1234/v1", headers, ACCESS)).toEqual(headers);
  });

  test("replaces what a page sets itself", () => {
    const told = headersFor(`${ORIGIN}/api`, { authorization: "Bearer guess" }, ACCESS);
    expect(told).toEqual({ Authorization: `Bearer ${TOKEN}` });
  });

  test("is not made up while there is no sidecar", () => {
    expect(headersFor(`${ORIGIN}/`, { Accept: "x" }, null)).toEqual({ Accept: "x" });
  });
});

describe("permissions", () => {
  test.each(["clipboard-sanitized-write", "notifications", "fullscreen"])(
    "%s is given to our page",
    (permission) => {
      expect(mayHave(permission, `${ORIGIN}/`, ORIGIN)).toBe(true);
      expect(mayHave(permission, "http://127.0.0.1:1234/", ORIGIN)).toBe(false);
      expect(mayHave(permission, LOCAL, ORIGIN)).toBe(false);
      expect(mayHave(permission, `${ORIGIN}/`, null)).toBe(false);
    },
  );

  test.each([
    ...["media", "geolocation", "clipboard-read", "midi", "hid", "serial", "usb", "openExternal"],
    ...["display-capture", "pointerLock", "unknown", "", "constructor"],
  ])("%s is refused to our page", (permission) => {
    expect(mayHave(permission, `${ORIGIN}/`, ORIGIN)).toBe(false);
  });
});

test("downloads come from our page only", () => {
  expect(mayDownload(`${ORIGIN}/api/bundles/x`, ORIGIN)).toBe(true);
  expect(mayDownload(`blob:${ORIGIN}/0c5d`, ORIGIN)).toBe(true);
  expect(mayDownload("blob:https://example.com/0c5d", ORIGIN)).toBe(false);
  expect(mayDownload("http://127.0.0.1:1234/x", ORIGIN)).toBe(false);
  expect(mayDownload(`${ORIGIN}/x`, null)).toBe(false);
});

test("a log gets the place of an address and never the rest", () => {
  expect(placeOf("https://example.com:81/path?token=secret#x")).toBe("https://example.com:81");
  expect(placeOf("data:text/html,secret")).toBe("data:");
  expect(placeOf("rubbish")).toBe("an address that cannot be read");
});
