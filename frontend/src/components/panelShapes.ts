/** What panels hand to their frame and chart. */

/** A figure beside the chart; `colour` ties it to its line. */
export interface PanelStat {
  readonly label: string;
  readonly value: string;
  readonly colour?: number;
  readonly warn?: boolean;
}

export type PanelState =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting" }
  | { readonly kind: "unsupported"; readonly reason: string }
  | { readonly kind: "unset"; readonly title: string; readonly hint: string };

export interface MetricLine {
  /** Field whose samples are drawn. */
  readonly name: string;
  readonly label: string;
  /** Index into the chart palette. */
  readonly colour: number;
}
