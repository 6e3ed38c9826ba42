import { addReading, emptyIntake } from "@tandem/intake/add-reading";
import { assignFolder } from "@tandem/intake/changes";
import type { Intake, IntakeTask } from "@tandem/intake/intake";
import { openIntake } from "@tandem/intake/open-intake";
import { toOwnSet } from "@tandem/intake/own-data";

export { toOwnSet };

export const startReader = () =>
  openIntake(new Worker(new URL("./intake-worker.ts", import.meta.url), { type: "module" }));

/** What is there, or nothing yet, with more; `folders` are of what has been made here, by class. */
export function withMore(
  task: IntakeTask,
  intake: Intake | undefined,
  more: Intake,
  folders: ReadonlyMap<string, number>,
): Intake {
  let given = intake ?? emptyIntake(task);
  for (const [folder, label] of folders) given = assignFolder(given, folder, label);
  return addReading(given, more.reading);
}
