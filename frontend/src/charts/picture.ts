/** A chart as a picture to keep: with its title, its time and what its lines are. */

export interface PictureLine {
  readonly label: string;
  readonly colour: string;
  readonly isDashed: boolean;
}

export interface PictureWords {
  readonly title: string;
  /** Computer, time range and whether means or peaks are drawn. */
  readonly subtitle: string;
  readonly lines: readonly PictureLine[];
}

const PADDING_PX = 16;
const TITLE_PX = 22;
const SUBTITLE_PX = 18;
const LEGEND_ROW_PX = 20;
const SWATCH_PX = 18;
const FONT = "system-ui, sans-serif";

/**
 * Paint a chart on its theme's background as a PNG.
 *
 * @throws Error when the browser cannot make one
 */
export async function pictureOf(chart: HTMLCanvasElement, words: PictureWords): Promise<Blob> {
  const scale = chart.width / Math.max(1, chart.clientWidth);
  const style = getComputedStyle(chart);
  const colour = (name: string): string => style.getPropertyValue(name).trim() || "#888888";
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws no pictures");
  const width = chart.clientWidth + 2 * PADDING_PX;
  context.font = `12px ${FONT}`;
  const rows = legendRows(words.lines, width - 2 * PADDING_PX, (text) => {
    return context.measureText(text).width;
  });
  const head = PADDING_PX + TITLE_PX + SUBTITLE_PX + rows.length * LEGEND_ROW_PX;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round((head + chart.clientHeight + PADDING_PX) * scale);
  context.scale(scale, scale);
  context.fillStyle = colour("--surface");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = "top";
  context.fillStyle = colour("--text");
  context.font = `600 15px ${FONT}`;
  context.fillText(words.title, PADDING_PX, PADDING_PX);
  context.fillStyle = colour("--text-muted");
  context.font = `12px ${FONT}`;
  context.fillText(words.subtitle, PADDING_PX, PADDING_PX + TITLE_PX);
  rows.forEach((row, at) => {
    const y = PADDING_PX + TITLE_PX + SUBTITLE_PX + at * LEGEND_ROW_PX;
    paintRow(context, row, y, colour("--text"));
  });
  context.drawImage(chart, PADDING_PX, head, chart.clientWidth, chart.clientHeight);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("this browser made no picture"));
      else resolve(blob);
    }, "image/png");
  });
}

type Placed = PictureLine & { readonly x: number };

/** Labels beside each other, as many as fit in a row. */
function legendRows(
  lines: readonly PictureLine[],
  width: number,
  measure: (text: string) => number,
): Placed[][] {
  const rows: Placed[][] = [];
  let x = 0;
  for (const line of lines) {
    const needed = SWATCH_PX + 6 + measure(line.label) + PADDING_PX;
    if (rows.length === 0 || x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ ...line, x });
    x += needed;
  }
  return rows;
}

function paintRow(
  context: CanvasRenderingContext2D,
  row: readonly Placed[],
  y: number,
  ink: string,
): void {
  for (const line of row) {
    const x = PADDING_PX + line.x;
    context.strokeStyle = line.colour;
    context.lineWidth = 3;
    context.setLineDash(line.isDashed ? [5, 3] : []);
    context.beginPath();
    context.moveTo(x, y + 7);
    context.lineTo(x + SWATCH_PX, y + 7);
    context.stroke();
    context.fillStyle = ink;
    context.fillText(line.label, x + SWATCH_PX + 6, y);
  }
  context.setLineDash([]);
}
