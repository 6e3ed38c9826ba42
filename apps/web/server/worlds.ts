import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import { type Lazy, lazily } from "@tandem/core/lazily";
import type { BlobStore, TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import type { Teacher } from "@tandem/core/teacher";
import { datasetNames } from "@tandem/datasets/registry";
import { federateTask } from "@tandem/datasets/task/federate-task";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { isTaskId } from "@tandem/protocol/task";
import { strategyNamed } from "@tandem/strategies/registry";
import { refuseUnfit } from "@tandem/strategies/unfit";
import type { startTeacherProcess } from "@tandem/teacher/process";
import { type Environment, namesRemote } from "@tandem/teacher/remote";
import type { Bases } from "./bases";
import { createDealer } from "./dealer";
import { refusePooledData } from "./pooled-data";

/** What an experiment is on: data and a teacher, each got when it is first asked for. */
type World = {
  federate(config: ExperimentConfig, into: BlobStore): Promise<FederatedData>;
  readonly teacher: Lazy<Teacher>;
};
type TeacherOptions = Parameters<typeof startTeacherProcess>[0];

/** The worlds of the shipped data sets and of the tasks that the store has. */
export function createWorlds(options: {
  readonly tasks: TaskStore;
  readonly blobs: BlobStore;
  readonly bases: Pick<Bases, "require" | "stamp">;
  /** May name a teacher behind an images API. */
  readonly environment: Environment;
  /** Starts a teacher's process; the log is told under this name. */
  readonly startTeacher: (name: string, options: TeacherOptions) => Promise<Teacher>;
}) {
  const { tasks, blobs, bases, environment, startTeacher } = options;
  const dealer = createDealer();
  const dealt = new Map(datasetNames.map((dataset) => [dataset, dealtWorld(dataset)]));
  /** By id, each as the task and its base last were. */
  const own = new Map<string, { readonly version: string; readonly world: World }>();

  function dealtWorld(dataset: string): World {
    return {
      federate: dealer.deal,
      teacher: lazily(() => startTeacher(dataset, { dataset })),
    };
  }

  const baseOf = async (record: TaskRecord) =>
    record.task.teacher.kind === "trained" ? bases.require(record) : undefined;

  function ownWorld(record: TaskRecord): World {
    const { id, task, publicSet } = record;
    const bytes = async () => publicSet && (await blobs.get(publicSet.hash));
    return {
      async federate(config, into) {
        const strategy = strategyNamed(config.strategy);
        refuseUnfit(strategy, record);
        if (strategy.needs.teacher) await baseOf(record);
        const known = await bytes();
        return federateTask(record, known && decodeLabelledSet(known), config, into);
      },
      teacher: lazily(async () => {
        const known = await bytes();
        if (!known) throw new TandemError("bad-config", `“${task.name}” has no public set`);
        const trained = await baseOf(record);
        return startTeacher(id, { task: { task, publicSet: known, ...(trained && { trained }) } });
      }),
    };
  }

  async function taskWorld(id: string): Promise<World> {
    const record = await tasks.get(id);
    const version = JSON.stringify([record, await bases.stamp(id)]);
    const known = own.get(id);
    if (known?.version === version) return known.world;
    const world = ownWorld(record);
    own.set(id, { version, world });
    const left = known ? [known.world] : [];
    const ids = new Set((await tasks.list()).map((one) => one.id));
    for (const [gone, { world: of }] of own) if (!ids.has(gone) && own.delete(gone)) left.push(of);
    for (const { teacher } of left) await (await teacher.started())?.close();
    return world;
  }

  const worldOf = async ({ dataset }: Pick<ExperimentConfig, "dataset">): Promise<World> => {
    const found = dealt.get(dataset);
    if (found) return found;
    if (isTaskId(dataset)) return taskWorld(dataset);
    throw new TandemError(
      "bad-config",
      `dataset: there is no ${dataset}: use the id of a task, or one of ${datasetNames.join(", ")}`,
    );
  };

  return {
    /** Throws `bad-config` or `not-supported` for what cannot run on it, `not-found` for a task. */
    async federate(config: ExperimentConfig, into: BlobStore): Promise<FederatedData> {
      refusePooledData(strategyNamed(config.strategy));
      return (await worldOf(config)).federate(config, into);
    },
    teacher: async (config: ExperimentConfig): Promise<Teacher> =>
      (await worldOf(config)).teacher.get(),
    /** Whether the teacher is somebody else's, behind an images API, where each picture costs money. */
    async isRemote({ dataset }: Pick<ExperimentConfig, "dataset">): Promise<boolean> {
      if (!isTaskId(dataset)) return namesRemote(environment);
      return (await tasks.get(dataset)).task.teacher.kind === "remote";
    },
    async close(): Promise<void> {
      await dealer.close();
      const all = [...dealt.values(), ...Array.from(own.values(), ({ world }) => world)];
      for (const { teacher } of all) await (await teacher.started())?.close();
    },
  };
}
