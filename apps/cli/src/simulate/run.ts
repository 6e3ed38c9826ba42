import type { OwnData } from "@tandem/client/own-data";
import type { ExperimentConfig, Phase } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { BlobStore } from "@tandem/core/stores";
import { systemClock } from "@tandem/core/system-clock";
import type { Task, TaskRecord } from "@tandem/core/task";
import type { Teacher } from "@tandem/core/teacher";
import { loadDataset } from "@tandem/datasets/registry";
import { federateTask } from "@tandem/datasets/task/federate-task";
import { putSet } from "@tandem/datasets/task/put-set";
import { startNodeEngine } from "@tandem/engine/node";
import type { TaskRead } from "@tandem/intake/task/read-task";
import type { Backbone } from "@tandem/models/backbone/backbone";
import type { LayersEncoder } from "@tandem/models/backbone/layers-encoder";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import type { Attack } from "@tandem/simulation/attacks";
import type { Faults } from "@tandem/simulation/faults";
import {
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from "@tandem/simulation/simulate";
import type { Virtual } from "@tandem/simulation/virtual-client";
import { strategyNamed } from "@tandem/strategies/registry";
import { refuseUnfit } from "@tandem/strategies/unfit";
import { startTeacherProcess } from "@tandem/teacher/process";
import { taught, taughtBy } from "./taught-teacher";

/** A task and what each client brings, in the order of their places. */
export type OwnStudy = {
  /** Of the task, as the configuration has it. */
  readonly id: string;
  readonly task: Task;
  readonly sets: TaskRead["sets"];
  readonly own: readonly OwnData[];
  /** The task's, where it has one. */
  readonly backbone?: Backbone | undefined;
  readonly encoder?: LayersEncoder | undefined;
};

/** A simulation in this process, beside a teacher's process if the strategy asks for one. */
export async function runSimulation(options: {
  readonly config: SimulationOptions["config"] & { readonly dataset: string };
  readonly clients: number;
  /** In place of a shipped data set. */
  readonly study?: OwnStudy | undefined;
  readonly attack?: Attack;
  readonly faults?: Faults;
  /** Path of an adapter that the teacher has learned before. */
  readonly adapter?: string | undefined;
  /** Of the teacher. */
  readonly threads?: number | undefined;
  readonly virtual?: Virtual | undefined;
  readonly onView: (view: ExperimentView) => void;
  readonly onJoined?: (count: number) => void;
  readonly signal: AbortSignal;
}): Promise<SimulationResult> {
  const { config, study, threads, adapter: path, ...others } = options;
  const { dataset } = config;
  const adapter = path === undefined ? undefined : await taughtBy(path);
  await startNodeEngine();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  let teacher: Promise<Teacher> | undefined;
  try {
    return await simulate({
      config,
      ...(study ? { ...ofStudy(study) } : { source: () => loadDataset(dataset) }),
      teacher: () => {
        teacher ??= startTeacherProcess({
          ...(study ? { task: taughtFrom(study) } : { dataset }),
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

const ofStudy = (study: OwnStudy) => {
  const { own, backbone, encoder } = study;
  return {
    own,
    federate: federating(study),
    ...(backbone && { openBackbone: async () => backbone }),
    ...(encoder && { openEncoder: async () => encoder }),
  };
};

/** As a server federates the task. */
const federating =
  ({ id, task, sets }: OwnStudy) =>
  async (config: ExperimentConfig, blobs: BlobStore): Promise<FederatedData> => {
    const { public: known, test } = sets;
    const record: TaskRecord = {
      id,
      task,
      ...(known && { publicSet: await putSet(blobs, known) }),
      ...(test && { test: await putSet(blobs, test) }),
      createdAt: 0,
    };
    refuseUnfit(strategyNamed(config.strategy), record);
    return federateTask(record, known, config, blobs);
  };

function taughtFrom({ task, sets }: OwnStudy) {
  if (!sets.public) throw new Error("a strategy with a teacher is refused without a public set");
  return { task, publicSet: encodeLabelledSet(sets.public) };
}

/** Time in each phase, milliseconds. */
export const durations = ({
  phases,
  endedAt,
}: RoundView): Readonly<Partial<Record<Phase, number>>> =>
  Object.fromEntries(
    phases.map(({ phase, at }, i) => [phase, (phases[i + 1]?.at ?? endedAt ?? at) - at]),
  );
