import type { Phase } from "@tandem/core/experiment";
import { systemClock } from "@tandem/core/system-clock";
import type { Teacher } from "@tandem/core/teacher";
import { loadDataset } from "@tandem/datasets/registry";
import { startNodeEngine } from "@tandem/engine/node";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import type { Attack } from "@tandem/simulation/attacks";
import type { Faults } from "@tandem/simulation/faults";
import {
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from "@tandem/simulation/simulate";
import { startTeacherProcess } from "@tandem/teacher/process";
import { taught, taughtBy } from "./taught-teacher";

/** A simulation in this process, beside a teacher's process if the strategy asks for one. */
export async function runSimulation(options: {
  readonly config: SimulationOptions["config"] & { readonly dataset: string };
  readonly clients: number;
  readonly attack?: Attack;
  readonly faults?: Faults;
  /** Path of an adapter that the teacher has learned before. */
  readonly adapter?: string | undefined;
  /** Of the teacher. */
  readonly threads?: number | undefined;
  readonly onView: (view: ExperimentView) => void;
  readonly signal: AbortSignal;
}): Promise<SimulationResult> {
  const { config, threads, adapter: path, ...others } = options;
  const { dataset } = config;
  const adapter = path === undefined ? undefined : await taughtBy(path);
  await startNodeEngine();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  let teacher: Promise<Teacher> | undefined;
  try {
    return await simulate({
      config,
      source: () => loadDataset(dataset),
      teacher: () => {
        teacher ??= startTeacherProcess({
          dataset,
          ...(threads !== undefined && { threads }),
          onNotice: say,
        }).then((ready) => (adapter ? taught(ready, adapter) : ready));
        // One that could not start is tried again with the phase that needs it.
        teacher.catch(() => {
          teacher = undefined;
        });
        return teacher;
      },
      clock: systemClock,
      log: say,
      ...others,
    });
  } finally {
    await (await teacher)?.close();
  }
}

/** Time in each phase, milliseconds. */
export const durations = ({
  phases,
  endedAt,
}: RoundView): Readonly<Partial<Record<Phase, number>>> =>
  Object.fromEntries(
    phases.map(({ phase, at }, i) => [phase, (phases[i + 1]?.at ?? endedAt ?? at) - at]),
  );
