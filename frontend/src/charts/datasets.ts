/** What Chart.js draws: a line for each series and, behind it, the band from low to high. */
import type { ChartDataset } from "chart.js";

import { dashOf, translucent, type ChartColours } from "./palette";
import type { Point, Window } from "./series";
import type { ChartLine, ChartView } from "./useTimeSeriesChart";

type LineDataset = ChartDataset<"line", Point[]>;

/** More bands than these would hide each other. */
const BANDS_MAX = 3;
const EDGE_PX = 2;
const AREA_ALPHA = 0.14;
const BAND_ALPHA = 0.2;

/** Arrays of points that are used again from one redraw to the next. */
export class PointPools {
  readonly #pools = new Map<string, Point[]>();

  of(key: string): Point[] {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = [];
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

interface Drawn {
  readonly datasets: LineDataset[];
  /** The highest value of all, NaN when there is none. */
  readonly peak: number;
}

/**
 * The datasets of a view, with `before` those of the last redraw: the ones that still fit are
 * kept, so that a tick makes no new objects.
 */
export function datasetsOf(
  view: ChartView,
  window: Window,
  pools: PointPools,
  before: readonly LineDataset[],
  colours: ChartColours | null,
): Drawn {
  const { samples, lines } = view;
  let peak = Number.NaN;
  const see = (value: number): void => {
    if (!Number.isNaN(value) && !(value <= peak)) peak = value;
  };
  const banded = samples.fillBand === null ? [] : lines.slice(0, BANDS_MAX);
  const colourOf = (line: ChartLine): string => colours?.series[line.colour] ?? "#888888";

  const drawn = lines.map((line, index) => {
    const points = pools.of(line.name);
    see(samples.fill(line.name, window, points));
    const hasArea = index === 0 && banded.length === 0;
    return kept(before[index], points, hasArea) ?? lineOf(colourOf(line), index, points, hasArea);
  });
  for (const line of banded) {
    const low = pools.of(`${line.name}\nlow`);
    const high = pools.of(`${line.name}\nhigh`);
    see(samples.fillBand?.(line.name, window, low, high) ?? Number.NaN);
    drawn.push(...bandOf(colourOf(line), low, high, drawn.length));
  }
  return { datasets: drawn, peak };
}

function kept(
  before: LineDataset | undefined,
  points: Point[],
  hasArea: boolean,
): LineDataset | null {
  return before?.data === points && (before.fill === "origin") === hasArea ? before : null;
}

function lineOf(colour: string, index: number, data: Point[], hasArea: boolean): LineDataset {
  return {
    data,
    borderColor: colour,
    backgroundColor: translucent(colour, AREA_ALPHA),
    borderDash: dashOf(index),
    // A line along the edge, such as 100 %, is drawn in its full width.
    clip: EDGE_PX,
    fill: hasArea ? "origin" : false,
  };
}

/** Two lines that are not drawn, and what lies between them. */
function bandOf(colour: string, low: Point[], high: Point[], at: number): LineDataset[] {
  const hidden = { borderWidth: 0, borderColor: "transparent" };
  return [
    { ...hidden, data: low, fill: false },
    { ...hidden, data: high, fill: at, backgroundColor: translucent(colour, BAND_ALPHA) },
  ];
}
