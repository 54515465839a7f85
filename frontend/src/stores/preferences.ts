import { defineStore } from "pinia";
import { computed, shallowRef, watch } from "vue";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const RANGES_S = [60, 300, 900] as const;
export type RangeS = (typeof RANGES_S)[number];

const STORAGE_KEY = "llama-runner-pro.preferences";

interface Saved {
  readonly theme: Theme;
  readonly rangeS: RangeS;
  readonly shortcuts: boolean;
  readonly desktopAlerts: boolean;
}

const DEFAULTS: Saved = { theme: "system", rangeS: 900, shortcuts: true, desktopAlerts: false };

/** What this browser remembers for its user. */
export const usePreferencesStore = defineStore("preferences", () => {
  const saved = load();
  const theme = shallowRef<Theme>(saved.theme);
  const rangeS = shallowRef<RangeS>(saved.rangeS);
  /** Single-key shortcuts can be switched off (WCAG 2.1.4). */
  const shortcuts = shallowRef(saved.shortcuts);
  /** Show alarms as notifications of this browser. */
  const desktopAlerts = shallowRef(saved.desktopAlerts);

  const systemDark = shallowRef(false);
  const isDark = computed(() =>
    theme.value === "system" ? systemDark.value : theme.value === "dark",
  );

  watch([theme, rangeS, shortcuts, desktopAlerts], () => {
    save({
      theme: theme.value,
      rangeS: rangeS.value,
      shortcuts: shortcuts.value,
      desktopAlerts: desktopAlerts.value,
    });
  });

  /** Follow the system's choice of theme. Returns how to stop. */
  function followSystem(): () => void {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    systemDark.value = query.matches;
    const onChange = (event: MediaQueryListEvent) => {
      systemDark.value = event.matches;
    };
    query.addEventListener("change", onChange);
    return () => {
      query.removeEventListener("change", onChange);
    };
  }

  function nextTheme(): void {
    theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
  }

  return { theme, rangeS, shortcuts, desktopAlerts, isDark, nextTheme, followSystem };
});

function load(): Saved {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    if (typeof value !== "object" || value === null) return DEFAULTS;
    const saved = value as Partial<Record<keyof Saved, unknown>>;
    return {
      theme: THEMES.find((one) => one === saved.theme) ?? DEFAULTS.theme,
      rangeS: RANGES_S.find((one) => one === saved.rangeS) ?? DEFAULTS.rangeS,
      shortcuts: typeof saved.shortcuts === "boolean" ? saved.shortcuts : DEFAULTS.shortcuts,
      desktopAlerts: saved.desktopAlerts === true,
    };
  } catch {
    // Storage can be switched off or hold nonsense; the defaults do.
    return DEFAULTS;
  }
}

function save(values: Saved): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(values));
  } catch {
    // Nothing is lost but the memory of it.
  }
}
