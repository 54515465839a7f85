/** Where the window is, and whether that place still exists. Pure. */
import { isMembers, wholeNumber } from "../json";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placement extends Rectangle {
  readonly isMaximized: boolean;
}

export const SMALLEST = { width: 380, height: 420 } as const;
export const USUAL = { width: 1280, height: 860 } as const;
/** This much of the title must be on a screen, or the window could not be moved. */
const GRIP = { width: 120, height: 40 } as const;
const FARTHEST = 100_000;

/** Reads a remembered placement; null when it is none. */
export function readPlacement(value: unknown): Placement | null {
  if (!isMembers(value)) return null;
  const x = wholeNumber(value["x"], -FARTHEST, FARTHEST);
  const y = wholeNumber(value["y"], -FARTHEST, FARTHEST);
  const width = wholeNumber(value["width"], SMALLEST.width, FARTHEST);
  const height = wholeNumber(value["height"], SMALLEST.height, FARTHEST);
  const { isMaximized } = value;
  if (x === null || y === null || width === null || height === null) return null;
  return typeof isMaximized === "boolean" ? { x, y, width, height, isMaximized } : null;
}

/**
 * Bounds for a new window, given the usable areas of the screens that are there now, the main one
 * first. A place that has gone with its screen is replaced by the middle of the main one.
 */
export function boundsFor(placement: Placement | null, areas: readonly Rectangle[]): Rectangle {
  const main = areas[0] ?? { x: 0, y: 0, ...USUAL };
  if (placement !== null) {
    const area = areas.find((one) => holdsTitle(one, placement));
    if (area !== undefined) return { ...placementOnly(placement), ...fitted(placement, area) };
  }
  const size = fitted(placement ?? USUAL, main);
  return {
    x: Math.round(main.x + (main.width - size.width) / 2),
    y: Math.round(main.y + (main.height - size.height) / 2),
    ...size,
  };
}

/**
 * Where a hidden window has to go before it is shown again, because its screen has gone meanwhile;
 * null when it can stay.
 */
export function rescued(bounds: Rectangle, areas: readonly Rectangle[]): Rectangle | null {
  const isReachable = areas.some((area) => holdsTitle(area, bounds));
  if (isReachable || areas.length === 0) return null;
  return boundsFor({ ...bounds, isMaximized: false }, areas);
}

function placementOnly({ x, y }: Placement): { x: number; y: number } {
  return { x, y };
}

function fitted(
  wanted: { width: number; height: number },
  area: Rectangle,
): { width: number; height: number } {
  return {
    width: Math.max(SMALLEST.width, Math.min(wanted.width, area.width)),
    height: Math.max(SMALLEST.height, Math.min(wanted.height, area.height)),
  };
}

function holdsTitle(area: Rectangle, window: Rectangle): boolean {
  const left = Math.max(area.x, window.x);
  const right = Math.min(area.x + area.width, window.x + window.width);
  const isWideEnough = right - left >= GRIP.width;
  const top = window.y;
  return isWideEnough && top >= area.y && top <= area.y + area.height - GRIP.height;
}
