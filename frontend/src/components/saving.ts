/** Charts and their figures as files. */
import { pictureOf } from "../charts/picture";
import { streamCsv, streamJson } from "../charts/rows";
import { exportName } from "../format/fileNames";
import { formatSpan } from "../format/units";
import { text } from "../i18n";
import { useFleetStore } from "../stores/fleet";
import { useMetricsStore } from "../stores/metrics";
import { useNoticesStore } from "../stores/notices";
import { chunksOf, usePastStore } from "../stores/past";
import { usePreferencesStore } from "../stores/preferences";
import { useTimeframeStore } from "../stores/timeframe";
import { exportPath } from "../wire/history";
import { getFile } from "../wire/http";
import type { SavableChart } from "./panelTools";

export type FileFormat = "csv" | "json";

const TYPES: Readonly<Record<FileFormat, string>> = {
  csv: "text/csv",
  json: "application/json",
};

export interface Saving {
  /** Save the samples behind what is on show. Never throws. */
  readonly saveFigures: (
    what: string,
    names: readonly string[],
    format: FileFormat,
  ) => Promise<void>;
  /** Save a chart as it looks. Never throws. */
  readonly savePicture: (chart: SavableChart) => Promise<void>;
}

export function useSaving(): Saving {
  const timeframe = useTimeframeStore();
  const fleet = useFleetStore();
  const past = usePastStore();
  const metrics = useMetricsStore();
  const notices = useNoticesStore();
  const preferences = usePreferencesStore();

  function hostName(): string {
    return timeframe.host ?? fleet.thisHost ?? location.hostname;
  }

  async function saveFigures(
    what: string,
    names: readonly string[],
    format: FileFormat,
  ): Promise<void> {
    const span = timeframe.span();
    await notices.attempt(text.exporting.failed, async () => {
      const parts = chunksOf(names);
      for (const [at, series] of parts.entries()) {
        const part = parts.length === 1 ? what : `${what}-${String(at + 1)}`;
        save(await figures(series, span, format), exportName(hostName(), part, span, format));
      }
    });
  }

  /** From the history where there is one, for it keeps more than the page does. */
  async function figures(
    series: readonly string[],
    span: ReturnType<typeof timeframe.span>,
    format: FileFormat,
  ): Promise<Blob> {
    const { host } = timeframe;
    if (past.isAvailable || host !== null) {
      return getFile(exportPath({ series, ...span, host }, format));
    }
    const content = format === "csv" ? streamCsv : streamJson;
    return new Blob([content(metrics.table, series, span)], { type: TYPES[format] });
  }

  async function savePicture(chart: SavableChart): Promise<void> {
    const { canvas, title } = chart;
    if (canvas === null) return;
    const span = timeframe.span();
    const isPast = timeframe.source === "history";
    const subtitle = [
      hostName(),
      formatSpan(span.fromMs, span.toMs),
      ...(isPast ? [text.range.stats[preferences.stat]] : []),
    ].join(" · ");
    await notices.attempt(text.exporting.failed, async () => {
      const picture = await pictureOf(canvas, { title, subtitle, lines: chart.legend() });
      save(picture, exportName(hostName(), title, span, "png"));
    });
  }

  return { saveFigures, savePicture };
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken it over by then.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 10_000);
}
