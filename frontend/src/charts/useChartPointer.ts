import { onBeforeUnmount, shallowRef, type ShallowRef } from "vue";

import type { Marker } from "../stores/markers";
import type { Span } from "../stores/timeframe";
import { AXIS_END_PX, axisWidthPx } from "./axes";
import { cursorMs } from "./cursor";

/** Shorter drags are clicks. */
const DRAG_MIN_PX = 8;
/** One press of an arrow key moves the cursor by this share of what is shown. */
const KEY_SHARE = 0.01;
const KEY_SHARE_FAST = 0.1;

export interface ChartPointerOptions {
  readonly canvas: Readonly<ShallowRef<HTMLElement | null>>;
  readonly span: () => Span;
  readonly markers: () => readonly Marker[];
  readonly onZoom: (span: Span) => void;
  readonly onReset: () => void;
}

/** The stretch that is being picked out, in pixels of the chart. */
export interface Selection {
  readonly leftPx: number;
  readonly widthPx: number;
}

export interface ChartPointer {
  readonly selection: Readonly<ShallowRef<Selection | null>>;
  readonly on: Readonly<Record<string, (event: never) => void>>;
}

/** The shared cursor under a pointer or the arrow keys, and a drag that picks out a stretch. */
export function useChartPointer(options: ChartPointerOptions): ChartPointer {
  const selection = shallowRef<Selection | null>(null);
  let startPx: number | null = null;

  function plotWidth(): number {
    return Math.max(1, (options.canvas.value?.clientWidth ?? 0) - axisWidthPx() - AXIS_END_PX);
  }

  function inPlot(px: number): number {
    return Math.min(Math.max(px, axisWidthPx()), axisWidthPx() + plotWidth());
  }

  function timeAt(px: number): number {
    const { fromMs, toMs } = options.span();
    return fromMs + ((px - axisWidthPx()) / plotWidth()) * (toMs - fromMs);
  }

  function pointerdown(event: PointerEvent): void {
    if (event.button !== 0 || event.offsetX < axisWidthPx()) return;
    startPx = event.offsetX;
    // The drag goes on outside of the chart.
    options.canvas.value?.setPointerCapture(event.pointerId);
  }

  function pointermove(event: PointerEvent): void {
    const isInPlot = inPlot(event.offsetX) === event.offsetX;
    cursorMs.value = isInPlot ? timeAt(event.offsetX) : null;
    if (startPx === null) return;
    const widthPx = Math.abs(inPlot(event.offsetX) - startPx);
    const leftPx = Math.min(inPlot(event.offsetX), startPx);
    selection.value = widthPx >= DRAG_MIN_PX ? { leftPx, widthPx } : null;
  }

  function pointerup(): void {
    const chosen = selection.value;
    endDrag();
    if (chosen === null) return;
    const [fromMs, toMs] = [timeAt(chosen.leftPx), timeAt(chosen.leftPx + chosen.widthPx)];
    options.onZoom({ fromMs, toMs });
  }

  function endDrag(): void {
    startPx = null;
    selection.value = null;
  }

  function leave(): void {
    if (startPx === null) cursorMs.value = null;
  }

  function keydown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      endDrag();
      cursorMs.value = null;
      return;
    }
    const target = keyTarget(event);
    if (target === null) return;
    event.preventDefault();
    const { fromMs, toMs } = options.span();
    cursorMs.value = Math.min(Math.max(target, fromMs), toMs);
  }

  function keyTarget(event: KeyboardEvent): number | null {
    const { fromMs, toMs } = options.span();
    const here = cursorMs.value ?? toMs;
    const step = (toMs - fromMs) * (event.shiftKey ? KEY_SHARE_FAST : KEY_SHARE);
    switch (event.key) {
      case "ArrowLeft":
        return here - step;
      case "ArrowRight":
        return here + step;
      case "Home":
        return fromMs;
      case "End":
        return toMs;
      case "PageUp":
        return nextMark(fromMs, here, -1);
      case "PageDown":
        return nextMark(here, toMs, 1);
      default:
        return null;
    }
  }

  /** The mark before or after the cursor; the cursor's place when there is none. */
  function nextMark(afterMs: number, beforeMs: number, direction: 1 | -1): number {
    const between = options
      .markers()
      .map((marker) => marker.tMs)
      .filter((tMs) => tMs > afterMs + 1 && tMs < beforeMs - 1);
    return between.at(direction > 0 ? 0 : -1) ?? (direction > 0 ? afterMs : beforeMs);
  }

  onBeforeUnmount(endDrag);

  return {
    selection,
    on: {
      pointerdown,
      pointermove,
      pointerup,
      pointercancel: endDrag,
      pointerleave: leave,
      blur: leave,
      dblclick: options.onReset,
      keydown,
    },
  };
}
