import { TandemError } from "@tandem/core/errors";
import type { EventRecord } from "@tandem/core/experiment";
import type { BlobHash, ExperimentId } from "@tandem/core/ids";

export const experimentNotFound = (id: ExperimentId) =>
  new TandemError("not-found", `there is no experiment ${id}`);
export const experimentExists = (id: ExperimentId) =>
  new TandemError("conflict", `experiment ${id} exists already`);
export const taskNotFound = (id: string) => new TandemError("not-found", `there is no task ${id}`);
export const taskExists = (id: string) => new TandemError("conflict", `task ${id} exists already`);
export const invitationSpent = () =>
  new TandemError("conflict", "the invitation has been used as often as it may be, or revoked");
export const blobNotFound = (hash: BlobHash) =>
  new TandemError("not-found", `there is no blob ${hash}`);

/** The sequence after `events`; throws `conflict` unless they continue `stored` without a gap. */
export function continued(stored: number, events: readonly EventRecord[]): number {
  events.forEach(({ sequence }, i) => {
    const next = stored + 1 + i;
    if (sequence !== next)
      throw new TandemError("conflict", `event ${sequence} arrived where ${next} is next`);
  });
  return stored + events.length;
}
