import type { RoundRecord } from "@tandem/core/experiment";
import { blobHash, clientId } from "@tandem/core/ids";
import type { RoundCounts } from "@tandem/core/stores";
import { sorted } from "./clients";
import type { RoundState } from "./round-state";

/** Those that change in nothing but counts, which are written alone: a cohort may be long. */
export function recordsToWrite(
  known: ReadonlyMap<number, RoundRecord>,
  records: readonly RoundRecord[],
): { readonly rounds: readonly RoundRecord[]; readonly counts: readonly RoundCounts[] } {
  const isCount = (after: RoundRecord) => {
    const before = known.get(after.round);
    return (
      before?.cohort === after.cohort &&
      before.phases.length === after.phases.length &&
      before.stateHash === after.stateHash &&
      before.endedAt === after.endedAt
    );
  };
  return {
    rounds: records.filter((one) => !isCount(one)),
    counts: records.filter(isCount).map(({ round, uploads, refused, bytesUp, bytesDown }) => ({
      ...{ round, uploads, refused, bytesUp, bytesDown },
    })),
  };
}

type Sums = { readonly up: number; readonly down: number; readonly refused: number };

/** The records of the rounds that a step touches: the one it closes and the one it is in. */
export function roundRecords(
  known: ReadonlyMap<number, RoundRecord>,
  before: RoundState,
  after: RoundState,
  sums: Sums,
  now: number,
): readonly RoundRecord[] {
  if (after.round === 0) return [];
  const old = known.get(after.round);
  const entered = !old || before.phase !== after.phase;
  const asked = after.cohort.size > 0;
  // Within a phase a cohort only becomes smaller.
  const isSame = old && !entered && old.cohort.length === after.cohort.size;
  const cohort = isSame ? old.cohort : sorted(after.cohort).map(clientId);
  const record: RoundRecord = {
    round: after.round,
    phases: [...(old?.phases ?? []), ...(entered ? [{ phase: after.phase, at: now }] : [])],
    cohort: asked ? cohort : (old?.cohort ?? []),
    uploads: asked ? after.answers.size : (old?.uploads ?? 0),
    refused: (old?.refused ?? 0) + sums.refused,
    bytesUp: (old?.bytesUp ?? 0) + sums.up,
    bytesDown: (old?.bytesDown ?? 0) + sums.down,
    ...(after.prepared && after.strategyState && { stateHash: blobHash(after.strategyState) }),
    ...(after.status === "finished" && { endedAt: old?.endedAt ?? now }),
  };
  const last = known.get(after.round - 1);
  return last && last.endedAt === undefined ? [{ ...last, endedAt: now }, record] : [record];
}
