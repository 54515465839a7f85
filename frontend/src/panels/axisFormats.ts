/** Values as axes show them: short. */
import { formatBytes, formatNumber } from "../format/units";

export function percentAxis(value: number): string {
  return `${String(Math.round(value))}\u00a0%`;
}

export function byteRateAxis(value: number): string {
  return value === 0 ? "0" : `${formatBytes(value)}/s`;
}

export function plainAxis(value: number): string {
  return formatNumber(value);
}
