/** Puts the policies of `security/` into force: on the window's session and on every page. */
import { app, type Session, session, shell, type WebContents } from "electron";

import { headersFor } from "../security/header-policy";
import { mayLoad, mayNavigate, outside, placeOf, type Places } from "../security/navigation-policy";
import { mayDownload, mayHave } from "../security/permission-policy";
import type { Access } from "../sidecar/state";

/** What the guards ask while the app runs. */
export interface Watched {
  readonly places: () => Places;
  /** What the header is made of, for requests of our window; null for those of anything else. */
  readonly accessOf: (contentsId: number | undefined) => Access | null;
  /** Asks whether an address without encryption may be opened in the browser. */
  readonly mayOpenPlain: (url: string) => Promise<boolean>;
  readonly log: (text: string) => void;
}

/** The app's one session, guarded before any page is in it. */
export function guardSession(watched: Watched): void {
  const target = session.defaultSession;
  guardPermissions(target, watched);
  guardRequests(target, watched);
  target.on("will-download", (event, item) => {
    // Without a place given here Electron asks the person for one.
    if (mayDownload(item.getURL(), watched.places().origin)) return;
    event.preventDefault();
    watched.log(`a download from ${placeOf(item.getURL())} was refused`);
  });
}

/** Every page, also those that nobody of us made: deny first. */
export function guardPages(watched: Watched): void {
  app.on("web-contents-created", (_event, contents) => {
    guardNavigation(contents, watched);
    contents.setWindowOpenHandler(({ url }) => {
      leave(url, watched);
      return { action: "deny" };
    });
    contents.on("will-attach-webview", (event) => {
      event.preventDefault();
    });
  });
}

function guardPermissions(target: Session, { places, log }: Watched): void {
  target.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const allowed =
      details.isMainFrame && mayHave(permission, details.requestingUrl, places().origin);
    if (!allowed) log(`${permission} was refused to ${placeOf(details.requestingUrl)}`);
    answer(allowed);
  });
  target.setPermissionCheckHandler((_contents, permission, origin) =>
    mayHave(permission, origin, places().origin),
  );
  target.setDevicePermissionHandler(() => false);
}

function guardRequests(target: Session, { accessOf, log }: Watched): void {
  target.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !mayLoad(details.url);
    if (cancel) log(`a request to ${placeOf(details.url)} was refused`);
    answer({ cancel });
  });
  target.webRequest.onBeforeSendHeaders((details, answer) => {
    const { url, requestHeaders, webContentsId } = details;
    const headers = headersFor(url, requestHeaders, accessOf(webContentsId));
    answer({ requestHeaders: { ...headers } });
  });
}

/** Electron 22 tells the address as the second argument, later ones in the event as well. */
interface Going {
  preventDefault(): void;
  readonly url?: string;
}

function guardNavigation(contents: WebContents, watched: Watched): void {
  const check = (event: Going, told: unknown): void => {
    const url = event.url ?? (typeof told === "string" ? told : "");
    if (mayNavigate(url, watched.places())) return;
    event.preventDefault();
    watched.log(`going to ${placeOf(url)} was refused`);
  };
  contents.on("will-navigate", check);
  contents.on("will-redirect", check);
  // Not there in Electron 22, where nothing tells it; frames are forbidden by the page's policy.
  contents.on("will-frame-navigate", (event) => {
    check(event, event.url);
  });
}

function leave(url: string, { mayOpenPlain, log }: Watched): void {
  const target = outside(url);
  if (target.verdict === "refuse") {
    log(`opening ${placeOf(url)} was refused`);
    return;
  }
  const agreed = target.verdict === "open" ? Promise.resolve(true) : mayOpenPlain(target.url);
  agreed
    .then((yes) => (yes ? shell.openExternal(target.url) : undefined))
    .catch((error: unknown) => {
      log(`opening ${placeOf(url)} failed: ${String(error)}`);
    });
}
