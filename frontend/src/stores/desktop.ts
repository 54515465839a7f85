import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { EventBody } from "../wire/frames";
import { usePreferencesStore } from "./preferences";

/** window: the desktop app around this page tells of alarms, so that each is told once. */
export type DesktopState = "on" | "off" | "blocked" | "unsupported" | "window";

/** Notifications of this browser, once its user has turned them on here. */
export const useDesktopStore = defineStore("desktop", () => {
  const preferences = usePreferencesStore();
  const permission = shallowRef(permissionNow());

  const isInWindow = "llamaRunner" in globalThis;

  const state = computed<DesktopState>(() => {
    if (isInWindow) return "window";
    if (permission.value === null) return "unsupported";
    if (permission.value === "denied") return "blocked";
    return preferences.desktopAlerts && permission.value === "granted" ? "on" : "off";
  });

  /** Ask the browser, which asks its user. To be called for a click only. */
  async function turnOn(): Promise<void> {
    if (permission.value === null) return;
    permission.value = await Notification.requestPermission();
    preferences.desktopAlerts = permission.value === "granted";
  }

  function turnOff(): void {
    preferences.desktopAlerts = false;
  }

  function takeEvent(event: EventBody): void {
    if (event.kind !== "alert" || !event.notify) return;
    const { alert } = event;
    // A test is about this very page; the window does not hear of it.
    if (state.value !== "on" && !(isInWindow && alert.rule === "test")) return;
    const body = alert.resolved_ms === null ? alert.message : alert.resolution_text;
    try {
      // One tag for each alert: its end replaces its beginning, and two open pages show one.
      new Notification(alert.title, { body, tag: alert.id, icon: "/favicon.svg" });
    } catch {
      // Browsers of phones know the class but refuse to make one from a page.
      permission.value = null;
    }
  }

  return { state, turnOn, turnOff, takeEvent };
});

function permissionNow(): NotificationPermission | null {
  return "Notification" in globalThis ? Notification.permission : null;
}
