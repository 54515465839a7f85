import { onBeforeUnmount, onMounted, watch, type ShallowRef, type WatchSource } from "vue";

import { AXIS_END_PX, axisWidthPx, rem, timeLabel, timeTicks } from "./axes";
import { cursorMs } from "./cursor";
import { readColours, translucent } from "./palette";
import type { Samples } from "./samples";
import type { Point } from "./series";

export interface HeatView {
  readonly samples: Samples;
  /** Fields from top to bottom, and what stands beside the first and the last. */
  readonly names: readonly string[];
  readonly labels: readonly string[];
  /** The value of the full colour. */
  readonly max: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface HeatMapOptions {
  readonly canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>;
  readonly view: () => HeatView;
  readonly redrawOn: WatchSource<unknown>[];
  readonly recolourOn: WatchSource<unknown>;
  readonly onSeen: (isInView: boolean, widthPx: number) => void;
}

const TIME_AXIS_REM = 1.25;
const TOP_PX = 6;
const CELL_PX = 4;
const FONT = "system-ui, sans-serif";

/** Owns a canvas with a row for each field: the stronger the colour, the higher the value. */
export function useHeatMap(options: HeatMapOptions): void {
  let inView = false;
  let seen: IntersectionObserver | null = null;
  let sized: ResizeObserver | null = null;
  const points: Point[] = [];

  onMounted(() => {
    const canvas = options.canvas.value;
    if (canvas === null) return;
    seen = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? false;
      options.onSeen(inView, canvas.clientWidth);
      draw();
    });
    seen.observe(canvas);
    sized = new ResizeObserver(draw);
    sized.observe(canvas);
  });
  onBeforeUnmount(() => {
    seen?.disconnect();
    sized?.disconnect();
  });
  watch([...options.redrawOn, cursorMs], draw, { flush: "post" });
  watch(options.recolourOn, draw, { flush: "post" });

  function draw(): void {
    const canvas = options.canvas.value;
    const context = canvas?.getContext("2d");
    if (!inView || !canvas || !context) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const view = options.view();
    const colours = readColours(canvas);
    const plot = {
      left: axisWidthPx(),
      top: TOP_PX,
      width: Math.max(1, width - axisWidthPx() - AXIS_END_PX),
      height: Math.max(1, height - TOP_PX - rem(TIME_AXIS_REM)),
    };
    drawRows(context, view, plot, colours.series[0] ?? "#888888");
    context.fillStyle = colours.text;
    context.font = `${rem(0.6875)}px ${FONT}`;
    drawLabels(context, view, plot);
    drawCursor(context, view, plot, colours.cursor);
  }

  function drawRows(
    context: CanvasRenderingContext2D,
    view: HeatView,
    plot: Plot,
    colour: string,
  ): void {
    const rowPx = plot.height / Math.max(1, view.names.length);
    const gapPx = rowPx > 4 ? 1 : 0;
    const cells = Math.max(1, Math.floor(plot.width / CELL_PX));
    view.names.forEach((name, row) => {
      view.samples.fill(name, { ...view, pointsMax: cells }, points);
      const y = plot.top + row * rowPx;
      for (const [cell, value] of cellsOf(points, view, cells)) {
        // Never quite invisible: nothing at all means that nothing is known.
        context.fillStyle = translucent(colour, 0.06 + 0.94 * Math.min(1, value / view.max));
        const left = plot.left + (cell / cells) * plot.width;
        context.fillRect(left, y, plot.width / cells + 0.5, rowPx - gapPx);
      }
    });
  }
}

interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The highest value of each cell; a cell between two samples of one unbroken line takes the
 * earlier one.
 */
export function cellsOf(
  points: readonly Point[],
  span: { readonly startMs: number; readonly endMs: number },
  cells: number,
): Map<number, number> {
  const found = new Map<number, number>();
  const widthMs = (span.endMs - span.startMs) / cells;
  let before: Cell | null = null;
  for (const { x, y } of points) {
    if (Number.isNaN(y)) {
      before = null;
      continue;
    }
    const at = Math.min(cells - 1, Math.floor((x - span.startMs) / widthMs));
    if (before !== null) fillUp(found, before, at);
    if (at >= 0) found.set(at, Math.max(found.get(at) ?? 0, y));
    before = { at, value: y };
  }
  return found;
}

interface Cell {
  readonly at: number;
  readonly value: number;
}

/** From a sample to the one after it. */
function fillUp(found: Map<number, number>, from: Cell, to: number): void {
  for (let at = Math.max(0, from.at); at < to; at += 1) {
    if (!found.has(at)) found.set(at, from.value);
  }
}

function drawLabels(context: CanvasRenderingContext2D, view: HeatView, plot: Plot): void {
  const rowPx = plot.height / Math.max(1, view.names.length);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const last = view.labels.length - 1;
  const shown = last <= 0 ? [0] : rowPx >= rem(0.8125) ? view.labels.keys() : [0, last];
  for (const row of shown) {
    const y = plot.top + (row + 0.5) * rowPx;
    context.fillText(view.labels[row] ?? "", plot.left - 6, Math.min(Math.max(y, 8), 4_096));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const rangeMs = view.endMs - view.startMs;
  for (const tMs of timeTicks(view.startMs, view.endMs, plot.width)) {
    const x = plot.left + ((tMs - view.startMs) / rangeMs) * plot.width;
    if (x < plot.left + 20 || x > plot.left + plot.width - 20) continue;
    context.fillText(timeLabel(tMs, rangeMs), x, plot.top + plot.height + 5);
  }
}

function drawCursor(
  context: CanvasRenderingContext2D,
  view: HeatView,
  plot: Plot,
  colour: string,
): void {
  const tMs = cursorMs.value;
  if (tMs === null || tMs < view.startMs || tMs > view.endMs) return;
  const x = plot.left + ((tMs - view.startMs) / (view.endMs - view.startMs)) * plot.width;
  context.fillStyle = colour;
  context.fillRect(Math.round(x), plot.top, 1, plot.height);
}
