import { type Modality, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { TaskRecord } from "@tandem/core/task";
import type { AnyStrategy } from "./registry";

/** Throws `bad-config` where a strategy cannot run on a task, with what the task lacks. */
export function refuseUnfit(
  { title, needs }: Pick<AnyStrategy, "title" | "needs">,
  { task, publicSet }: TaskRecord,
): void {
  const bad = (what: string) => {
    throw new TandemError("bad-config", what);
  };
  const held = new Set<Modality>(task.modalities.flatMap(modalitiesOf));
  if (!needs.modalities.some((modality) => held.has(modality)))
    bad(`strategy: ${title} learns from ${needs.modalities}, and “${task.name}” has none of it`);
  if (publicSet && task.publicLicence === "")
    bad(`publicLicence: say under which terms the public set of “${task.name}” may be used`);
  if (!needs.teacher) return;
  if (task.teacher.kind === "none")
    bad(
      `strategy: ${title} needs a teacher, and “${task.name}” has none: give the task one, or choose a strategy that needs none, such as FedAvg`,
    );
  if (!publicSet)
    bad(
      `strategy: ${title} needs a teacher, which needs public pictures: add a public set to “${task.name}”, or choose a strategy that needs none`,
    );
}
