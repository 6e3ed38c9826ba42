import type { ObservedCommit } from "@tandem/coordinator/ports";
import type { Logger } from "pino";

/** A line of the log for whoever comes or goes, and for what an experiment becomes; without names. */
export function logCommit(
  log: Pick<Logger, "info">,
  { experiment, events, status }: ObservedCommit,
): void {
  for (const event of events) {
    if (event.type === "joined")
      log.info({ experiment, client: event.client, place: event.slot }, "client joined");
    else if (event.type === "left")
      log.info({ experiment, client: event.client }, event.gone ? "client left" : "client lost");
  }
  if (status !== undefined) log.info({ experiment }, `experiment ${status}`);
}
