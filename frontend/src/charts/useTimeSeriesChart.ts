import type { ChartConfiguration } from "chart.js";
import { onBeforeUnmount, onMounted, watch, type ShallowRef, type WatchSource } from "vue";

import type { Marker } from "../stores/markers";
import {
  AXIS_END_PX,
  axisWidthPx,
  niceMax,
  rem,
  steadyMax,
  timeLabel,
  timeTicks,
  valueTicks,
} from "./axes";
import { cursorMs } from "./cursor";
import { datasetsOf, PointPools } from "./datasets";
import { cursorOverlay, dotOverlay, markerOverlay } from "./overlays";
import { readColours, type ChartColours } from "./palette";
import { Chart } from "./register";
import type { Samples } from "./samples";
import type { Point } from "./series";

export interface ChartLine {
  /** Field whose samples are drawn. */
  readonly name: string;
  /** Which colour of the palette, 0 the first. */
  readonly colour: number;
}

export interface ChartView {
  readonly samples: Samples;
  readonly lines: readonly ChartLine[];
  readonly rangeMs: number;
  readonly endMs: number;
  /** Fixed upper end of the value axis; null: a round number above what is shown. */
  readonly max: number | null;
  /** Upper end when everything is smaller. */
  readonly leastMax: number;
  /** Above this there are no values, nor any room for them. @default none */
  readonly mostMax?: number | null;
  /** Values are bytes: round numbers are multiples of 1024. */
  readonly binary: boolean;
  readonly format: (value: number) => string;
  readonly markers: readonly Marker[];
}

export interface TimeSeriesChartOptions {
  readonly canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>;
  /** What to draw; asked at every redraw, so it must be cheap. */
  readonly view: () => ChartView;
  /** Changes when there is something new to draw. */
  readonly redrawOn: WatchSource<unknown>[];
  /** Changes when the colours do. */
  readonly recolourOn: WatchSource<unknown>;
  /** Told when the chart comes into view or goes out of it, and how wide it is. */
  readonly onSeen?: (isInView: boolean, widthPx: number) => void;
}

const FONT = "system-ui, sans-serif";
const FONT_REM = 0.6875;

const NO_COLOURS: ChartColours = {
  series: [],
  grid: "",
  text: "",
  cursor: "",
  fault: "",
  healed: "",
  note: "",
};

type LineChart = Chart<"line", Point[]>;

/**
 * Owns one Chart.js line chart on a canvas, outside reactivity.
 *
 * Draws only while the canvas is in view, at most once per change of `redrawOn`, and disposes of
 * everything with the component.
 */
export function useTimeSeriesChart(options: TimeSeriesChartOptions): void {
  let chart: LineChart | null = null;
  let observer: IntersectionObserver | null = null;
  let inView = false;
  let isDue = true;
  let axisMax: number | null = null;
  let view = options.view();
  let colours: ChartColours | null = null;
  /** Read once for each size of the chart: asking for it on every tick would cost more. */
  let fontPx = rem(FONT_REM);
  const pools = new PointPools();

  onMounted(() => {
    const canvas = options.canvas.value;
    if (!canvas?.getContext("2d")) return;
    colours = readColours(canvas);
    chart = new Chart(canvas, configuration());
    observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? false;
      options.onSeen?.(inView, canvas.clientWidth);
      if (inView && isDue) draw();
    });
    observer.observe(canvas);
  });

  onBeforeUnmount(() => {
    observer?.disconnect();
    chart?.destroy();
    chart = null;
  });

  watch(options.redrawOn, draw, { flush: "post" });
  watch(options.recolourOn, recolour, { flush: "post" });
  watch(
    cursorMs,
    () => {
      if (inView && !isDue) chart?.draw();
    },
    { flush: "post" },
  );

  function draw(): void {
    isDue = true;
    if (chart === null || !inView) return;
    isDue = false;
    view = options.view();
    fillDatasets(chart);
    setEnds(chart);
    chart.update("none");
  }

  function fillDatasets(target: LineChart): void {
    const window = {
      startMs: view.endMs - view.rangeMs,
      endMs: view.endMs,
      pointsMax: Math.max(120, Math.round(target.width)),
    };
    const { datasets, peak } = datasetsOf(view, window, pools, target.data.datasets, colours);
    target.data.datasets = datasets;
    const wanted = niceMax(peak, view.binary, view.leastMax);
    axisMax = steadyMax(axisMax, Math.min(wanted, view.mostMax ?? wanted), peak);
  }

  function setEnds(target: LineChart): void {
    const { x, y } = target.options.scales ?? {};
    if (x === undefined || y === undefined) return;
    x.min = view.endMs - view.rangeMs;
    x.max = view.endMs;
    y.min = 0;
    y.max = view.max ?? axisMax ?? view.leastMax;
  }

  function recolour(): void {
    const canvas = options.canvas.value;
    if (chart === null || canvas === null) return;
    colours = readColours(canvas);
    chart.data.datasets = [];
    draw();
  }

  function currentColours(): ChartColours {
    return colours ?? NO_COLOURS;
  }

  function configuration(): ChartConfiguration<"line", Point[]> {
    const font = () => ({ family: FONT, size: fontPx });
    return {
      type: "line",
      data: { datasets: [] },
      plugins: [
        dotOverlay(),
        markerOverlay(() => view.markers, currentColours),
        cursorOverlay(() => cursorMs.value, currentColours),
      ],
      options: {
        parsing: false,
        normalized: true,
        animation: false,
        maintainAspectRatio: false,
        events: [],
        onResize: () => {
          fontPx = rem(FONT_REM);
        },
        layout: { padding: { top: 6, right: AXIS_END_PX } },
        elements: { point: { radius: 0 }, line: { borderWidth: 1.5, tension: 0 } },
        scales: {
          x: {
            type: "linear",
            // Until it is seen and drawn, its axis is that of now and not of 1970.
            min: view.endMs - view.rangeMs,
            max: view.endMs,
            border: { display: false },
            grid: { display: false },
            ticks: {
              font,
              color: () => currentColours().text,
              maxRotation: 0,
              callback: (value) => timeLabel(Number(value), view.rangeMs),
            },
            afterBuildTicks: (axis) => {
              const ticks = timeTicks(axis.min, axis.max, axis.chart.width - axisWidthPx());
              axis.ticks = ticks.map((value) => ({ value }));
            },
          },
          y: {
            type: "linear",
            border: { display: false },
            grid: { color: () => currentColours().grid, drawTicks: false },
            ticks: {
              font,
              color: () => currentColours().text,
              padding: 6,
              callback: (value) => view.format(Number(value)),
            },
            afterBuildTicks: (axis) => {
              axis.ticks = valueTicks(axis.max).map((value) => ({ value }));
            },
            // All charts of a column start at the same place.
            afterFit: (axis) => {
              axis.width = axisWidthPx();
            },
          },
        },
      },
    };
  }
}
