/** What is drawn over the lines: marks of events, and the shared cursor. */
import type { Chart, Plugin } from "chart.js";

import type { Marker } from "../stores/markers";
import type { ChartColours } from "./palette";

/** A dashed line with a small triangle: down for a fault, up for its end. */
export function markerOverlay(
  markers: () => readonly Marker[],
  colours: () => ChartColours,
): Plugin<"line"> {
  return {
    id: "markers",
    afterDatasetsDraw(chart) {
      const scale = chart.scales["x"];
      if (scale === undefined) return;
      for (const marker of markers()) {
        if (marker.tMs < scale.min || marker.tMs > scale.max) continue;
        const colour = marker.tone === "healed" ? colours().healed : colours().fault;
        drawMarker(chart, scale.getPixelForValue(marker.tMs), colour, marker.tone === "healed");
      }
    },
  };
}

function drawMarker(chart: Chart, x: number, colour: string, isUp: boolean): void {
  const { ctx, chartArea } = chart;
  const tip = isUp ? -1 : 1;
  const y = isUp ? chartArea.bottom : chartArea.top;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(x, chartArea.top);
  ctx.lineTo(x, chartArea.bottom);
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x - 4, y);
  ctx.lineTo(x + 4, y);
  ctx.lineTo(x, y + 6 * tip);
  ctx.closePath();
  ctx.fill();
  ctx.restore();
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
