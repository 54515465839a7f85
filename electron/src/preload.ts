import { contextBridge, ipcRenderer, type IpcRendererEvent } from "electron";

import type { Bridge } from "./ipc/bridge";
import { PREFIX, SET_CHANNEL, type Verb, VIEW_CHANNEL } from "./ipc/channels";
import type { LocalView } from "./shell/local-view";

/** Errors arrive wrapped in words about channels; people get the sentence alone. */
async function invoke<T>(channel: string, argument?: unknown): Promise<T> {
  try {
    return (await ipcRenderer.invoke(channel, argument)) as T;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Error(told.replace(/^Error invoking remote method '[^']*': (Error: )?/, ""), {
      cause: error,
    });
  }
}

function ask<T>(verb: Verb): Promise<T> {
  return invoke<T>(PREFIX + verb);
}

const bridge: Bridge = {
  getState: () => ask("getState"),
  getView: () => ask("getView"),
  onView(listener) {
    // The event stays here: it would give the page a way to the sender.
    const told = (_event: IpcRendererEvent, view: LocalView): void => {
      listener(view);
    };
    ipcRenderer.on(VIEW_CHANNEL, told);
    return () => {
      ipcRenderer.removeListener(VIEW_CHANNEL, told);
    };
  },
  getSettings: () => ask("getSettings"),
  setSetting: (name, value) => invoke(SET_CHANNEL, { name, value }),
  restart: () => ask("restart"),
  copyDiagnostics: () => ask("copyDiagnostics"),
  openLogs: () => ask("openLogs"),
  quit: () => ask("quit"),
};

contextBridge.exposeInMainWorld("llamaRunner", bridge);
