import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";

import { usePreferencesStore } from "../../../frontend/src/stores/preferences";
import { darkMedia } from "../support/dom";
import { freshStores } from "../support/mountPart";

const KEY = "llama-runner-pro.preferences";

beforeEach(() => {
  freshStores();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("preferences", () => {
  it("begin with the system's theme and fifteen minutes", () => {
    expect(usePreferencesStore()).toMatchObject({ theme: "system", rangeS: 900, shortcuts: true });
  });

  it("are remembered", async () => {
    const first = usePreferencesStore();
    first.theme = "dark";
    first.rangeS = 60;
    await nextTick();
    freshStores();
    expect(usePreferencesStore()).toMatchObject({ theme: "dark", rangeS: 60 });
  });

  it.each(["nonsense", '{"theme":"pink","rangeS":7}', "null"])(
    "fall back to the defaults for %s",
    (stored) => {
      localStorage.setItem(KEY, stored);
      expect(usePreferencesStore()).toMatchObject({ theme: "system", rangeS: 900 });
    },
  );

  it("work where storage is switched off", async () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new DOMException("denied");
      },
      setItem: () => {
        throw new DOMException("denied");
      },
      clear: () => undefined,
    });
    const preferences = usePreferencesStore();
    preferences.theme = "light";
    await nextTick();
    expect(preferences.isDark).toBe(false);
  });

  it("follow the system until a theme is chosen", () => {
    const preferences = usePreferencesStore();
    const stop = preferences.followSystem();
    darkMedia.change(true);
    expect(preferences.isDark).toBe(true);
    preferences.nextTheme();
    expect(preferences.theme).toBe("light");
    expect(preferences.isDark).toBe(false);
    preferences.nextTheme();
    preferences.nextTheme();
    expect(preferences.theme).toBe("system");
    stop();
  });
});
