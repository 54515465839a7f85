/** Colours of charts, read from the style sheet so that both themes keep them in one place. */

export interface ChartColours {
  readonly series: readonly string[];
  readonly grid: string;
  readonly text: string;
  readonly cursor: string;
  readonly fault: string;
  readonly healed: string;
  readonly note: string;
}

const SERIES_COUNT = 6;

/** Read the colours that hold for an element just now. */
export function readColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim() || "#888888";
  return {
    series: Array.from({ length: SERIES_COUNT }, (_, index) =>
      read(`--chart-${String(index + 1)}`),
    ),
    grid: read("--chart-grid"),
    text: read("--chart-text"),
    cursor: read("--chart-cursor"),
    fault: read("--tone-bad"),
    healed: read("--tone-good"),
    note: read("--chart-cursor"),
  };
}

/** The same colour, let through to `alpha` (0–1). Takes `#rrggbb`. */
export function translucent(colour: string, alpha: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return /^#[0-9a-f]{6}$/i.test(colour) ? colour + byte.toString(16).padStart(2, "0") : colour;
}

/** Series differ in line style as well as in hue. */
export function dashOf(index: number): number[] {
  return index % 2 === 0 ? [] : [5, 3];
}
