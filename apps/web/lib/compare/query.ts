/** What the curves are drawn over. */
export const axes = ["round", "bytes", "time"] as const;
export type Axis = (typeof axes)[number];

/** All that a link to a comparison keeps. */
export type Comparison = {
  /** Ids of experiments, in the order in which they were chosen. */
  readonly runs: readonly string[];
  /** Whose arm the others are compared with. */
  readonly pinned: string | undefined;
  readonly metric: string;
  readonly axis: Axis;
  /** Share of the past in each value that is drawn, 0-0.95; 0: as measured. */
  readonly smoothing: number;
  /** Runs that differ in their seed alone are drawn one by one. */
  readonly apart: boolean;
};

export const mostRuns = 20;
export const mostSmoothing = 0.95;
const usualMetric = "accuracy/mean";

/** Of a page's address: what is not there, or cannot be, is as it is at first; `leftOut` ids are beyond the limit. */
export function comparisonOf(
  query: Pick<URLSearchParams, "get">,
): Comparison & { readonly leftOut: readonly string[] } {
  const ids = [...new Set((query.get("runs") ?? "").split(",").filter((id) => id !== ""))];
  const pinned = query.get("pinned");
  const axis = axes.find((name) => name === query.get("x"));
  const smoothing = Number(query.get("smooth") ?? 0);
  return {
    runs: ids.slice(0, mostRuns),
    leftOut: ids.slice(mostRuns),
    pinned: pinned || undefined,
    metric: query.get("metric") || usualMetric,
    axis: axis ?? "round",
    smoothing: smoothing >= 0 && smoothing <= mostSmoothing ? smoothing : 0,
    apart: query.get("seeds") === "apart",
  };
}

/** The same as the query of an address, without what is as it is at first. */
export function queryOf({ runs, pinned, metric, axis, smoothing, apart }: Comparison): string {
  const said: readonly (readonly [string, string])[] = [
    ...(runs.length > 0 ? [["runs", runs.join(",")] as const] : []),
    ...(pinned ? [["pinned", pinned] as const] : []),
    ...(metric === usualMetric ? [] : [["metric", metric] as const]),
    ...(axis === "round" ? [] : [["x", axis] as const]),
    ...(smoothing === 0 ? [] : [["smooth", String(smoothing)] as const]),
    ...(apart ? [["seeds", "apart"] as const] : []),
  ];
  // Ids and metrics are readable in an address: a comma and a slash need no escape in a query.
  return said
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%2F/g, "/")}`,
    )
    .join("&");
}
