import type { Phase } from "@tandem/core/experiment";
import { systemClock } from "@tandem/core/system-clock";
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

/** A simulation in this process, beside a teacher's process if the strategy asks for one. */
export async function runSimulation(options: {
  readonly config: SimulationOptions["config"] & { readonly dataset: string };
  readonly clients: number;
  readonly attack?: Attack;
  readonly faults?: Faults;
  /** Of the teacher. */
  readonly threads?: number | undefined;
  readonly onView: (view: ExperimentView) => void;
  readonly signal: AbortSignal;
}): Promise<SimulationResult> {
  const { config, threads, ...others } = options;
  const { dataset } = config;
  await startNodeEngine();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  let teacher: ReturnType<typeof startTeacherProcess> | undefined;
  try {
    return await simulate({
      config,
      source: () => loadDataset(dataset),
      teacher: () => {
        teacher ??= startTeacherProcess({
          dataset,
          ...(threads !== undefined && { threads }),
          onNotice: say,
        });
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
