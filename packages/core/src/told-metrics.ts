import type { Metrics } from "./strategy";
import { leastHeldOut } from "./task";

/**
 * What a client may tell of itself when it is measured on so many samples that it has held out: nothing
 * of them where they are too few, and never what parts of them say. Absent: on a public test set.
 */
export function toldMetrics(metrics: Metrics, heldOut?: number): Metrics {
  if (heldOut === undefined) return metrics;
  const hidden = heldOut < leastHeldOut ? /^(accuracy|retrieval)(\/|$)/ : /^accuracy\/part\//;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !hidden.test(name)));
}
