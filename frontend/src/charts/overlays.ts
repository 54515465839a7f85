/** What is drawn over the lines: marks of events, and the shared cursor. */
import type { Chart, Plugin } from "chart.js";

import type { Marker, MarkerTone } from "../stores/markers";
import type { ChartColours } from "./palette";
import type { Point } from "./series";

/** More lines from top to bottom than these would hide the chart. */
const LINES_MAX = 16;
const SHORT_PX = 12;
const APART_PX = 5;

function colourOf(tone: MarkerTone, colours: ChartColours): string {
  if (tone === "note") return colours.note;
  return tone === "healed" ? colours.healed : colours.fault;
}

/**
 * A dashed line with a small shape: a triangle that points down for a fault, up for its end, and
 * a square for what is neither.
 */
export function markerOverlay(
  markers: () => readonly Marker[],
  colours: () => ChartColours,
): Plugin<"line"> {
  return {
    id: "markers",
    afterDatasetsDraw(chart) {
      const scale = chart.scales["x"];
      if (scale === undefined) return;
      const shown = markers().filter(({ tMs }) => tMs >= scale.min && tMs <= scale.max);
      const isCrowded = shown.length > LINES_MAX;
      const drawnAt = new Map<MarkerTone, number>();
      for (const { tMs, tone } of shown) {
        const x = scale.getPixelForValue(tMs);
        // Several of one kind on one spot are one mark; the table and the cursor name each.
        if (x - (drawnAt.get(tone) ?? Number.NEGATIVE_INFINITY) < APART_PX) continue;
        drawnAt.set(tone, x);
        drawMarker(chart, x, colourOf(tone, colours()), tone, isCrowded);
      }
    },
  };
}

function drawMarker(
  chart: Chart,
  x: number,
  colour: string,
  tone: MarkerTone,
  isCrowded: boolean,
): void {
  const { ctx, chartArea } = chart;
  const isUp = tone === "healed";
  const tip = isUp ? -1 : 1;
  const y = isUp ? chartArea.bottom : chartArea.top;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x, isCrowded ? y + SHORT_PX * tip : isUp ? chartArea.top : chartArea.bottom);
  ctx.stroke();
  if (tone === "note") ctx.fillRect(x - 2.5, y, 5, 5);
  else {
    ctx.beginPath();
    ctx.moveTo(x - 4, y);
    ctx.lineTo(x + 4, y);
    ctx.lineTo(x, y + 6 * tip);
    ctx.closePath();
    ctx.fill();
  }
  ctx.restore();
}

const DOT_RADIUS_PX = 2;

/** A sample alone between two holes has no line: it is drawn as a dot. */
export function dotOverlay(): Plugin<"line"> {
  return {
    id: "dots",
    afterDatasetsDraw(chart) {
      const { x: xScale, y: yScale } = chart.scales;
      if (xScale === undefined || yScale === undefined) return;
      for (const dataset of chart.data.datasets) {
        if (dataset.borderWidth === 0) continue;
        if (typeof dataset.borderColor === "string") chart.ctx.fillStyle = dataset.borderColor;
        for (const point of alone(dataset.data as Point[])) {
          chart.ctx.beginPath();
          const [x, y] = [xScale.getPixelForValue(point.x), yScale.getPixelForValue(point.y)];
          chart.ctx.arc(x, y, DOT_RADIUS_PX, 0, 2 * Math.PI);
          chart.ctx.fill();
        }
      }
    },
  };
}

/** Points whose neighbours are both missing. */
export function alone(points: readonly Point[]): Point[] {
  const isMissing = (at: number) => Number.isNaN(points[at]?.y ?? Number.NaN);
  return points.filter((_, at) => !isMissing(at) && isMissing(at - 1) && isMissing(at + 1));
}

export function cursorOverlay(
  cursor: () => number | null,
  colours: () => ChartColours,
): Plugin<"line"> {
  return {
    id: "cursor",
    afterDatasetsDraw(chart) {
      const scale = chart.scales["x"];
      const tMs = cursor();
      if (scale === undefined || tMs === null || tMs < scale.min || tMs > scale.max) return;
      const x = Math.round(scale.getPixelForValue(tMs)) + 0.5;
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.strokeStyle = colours().cursor;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };
}
