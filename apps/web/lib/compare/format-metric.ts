import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  formatWholePercent,
} from "@tandem/core/format";

type Format = (value: number) => string;

/** How values of a metric are written: shares in per cent, what was spent in its units. `axis`: with fewer digits. */
export function formatOf(metric: string): { readonly value: Format; readonly axis: Format } {
  if (metric === "spent/ms") return { value: formatDuration, axis: formatDuration };
  if (metric.startsWith("spent/")) return { value: formatBytes, axis: formatBytes };
  if (isShare(metric)) return { value: formatPercent, axis: formatWholePercent };
  return { value: formatNumber, axis: formatNumber };
}

const isShare = (metric: string) =>
  /^((accuracy|retrieval)\/|teacher\/(\w*part(accuracy)?\/|\w*accuracy$))/i.test(metric);
