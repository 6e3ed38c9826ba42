import { dayMs } from "@tandem/core/duration";
import type { RetentionView } from "@tandem/protocol/view";
import type { Runtime } from "./runtime";

/** When what is kept of participants is erased: days after the last round or, of what stands still, the last change. */
export function retentionOf({
  record,
  state,
  rounds,
}: Pick<Runtime, "record" | "state" | "rounds">): RetentionView {
  const { retentionDays } = record.config;
  const { status, erasedAt } = state;
  const ended = status === "finished" ? rounds.get(state.round)?.endedAt : undefined;
  const isDue = retentionDays > 0 && status !== "running";
  return {
    ...(isDue && { dueAt: (ended ?? record.updatedAt) + retentionDays * dayMs }),
    ...(erasedAt !== null && { erasedAt }),
  };
}
