import { defineStore } from "pinia";
import { computed, shallowRef, watch } from "vue";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** 1, 5, 15 minutes from the stream; 1 and 24 hours, 7 and 30 days from the history. */
export const RANGES_S = [60, 300, 900, 3_600, 86_400, 604_800, 2_592_000] as const;
export type RangeS = (typeof RANGES_S)[number];
export const STREAM_RANGE_MAX_S = 900;

/** What a bucket of the history is drawn as: its mean, or its highest sample. */
export const STATS = ["avg", "max"] as const;
export type Stat = (typeof STATS)[number];

const STORAGE_KEY = "llama-runner-pro.preferences";

interface Saved {
  readonly theme: Theme;
  readonly rangeS: RangeS;
  readonly stat: Stat;
  readonly shortcuts: boolean;
  readonly desktopAlerts: boolean;
}

const DEFAULTS: Saved = {
  theme: "system",
  rangeS: 900,
  stat: "avg",
  shortcuts: true,
  desktopAlerts: false,
};

/** What this browser remembers for its user. */
export const usePreferencesStore = defineStore("preferences", () => {
  const saved = load();
  const theme = shallowRef<Theme>(saved.theme);
  const rangeS = shallowRef<RangeS>(saved.rangeS);
  const stat = shallowRef<Stat>(saved.stat);
  /** Single-key shortcuts can be switched off (WCAG 2.1.4). */
  const shortcuts = shallowRef(saved.shortcuts);
  /** Show alarms as notifications of this browser. */
  const desktopAlerts = shallowRef(saved.desktopAlerts);

  const systemDark = shallowRef(false);
  const isDark = computed(() =>
    theme.value === "system" ? systemDark.value : theme.value === "dark",
  );

  watch([theme, rangeS, stat, shortcuts, desktopAlerts], () => {
    save({
      theme: theme.value,
      rangeS: rangeS.value,
      stat: stat.value,
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

  return { theme, rangeS, stat, shortcuts, desktopAlerts, isDark, nextTheme, followSystem };
});

function load(): Saved {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    if (typeof value !== "object" || value === null) return DEFAULTS;
    const saved = value as Partial<Record<keyof Saved, unknown>>;
    return {
      theme: THEMES.find((one) => one === saved.theme) ?? DEFAULTS.theme,
      rangeS: RANGES_S.find((one) => one === saved.rangeS) ?? DEFAULTS.rangeS,
      stat: STATS.find((one) => one === saved.stat) ?? DEFAULTS.stat,
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
