import { ipcMain, type WebContents } from "electron";

import type { Wire } from "../ipc/register";

/** Electron's messages from pages; `ours` is the window's page while there is one. */
export function electronWire(ours: () => WebContents | null): Wire {
  return {
    handle(channel, answer) {
      ipcMain.handle(channel, (event, ...given: unknown[]): unknown => {
        const frame = event.senderFrame;
        const contents = ours();
        const isMainFrame =
          frame !== null && contents === event.sender && frame === contents.mainFrame;
        return answer({ isMainFrame, url: frame?.url ?? "" }, ...given);
      });
    },
  };
}
