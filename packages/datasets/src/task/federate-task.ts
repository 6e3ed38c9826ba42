import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { BlobStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { backboneArchitectures, stepsOf, usualArchitectures, withEncoder } from "../architectures";
import { vocabularyOfTask } from "./texts";

/** Settings that say how data is dealt, and what they are where nothing is. */
const dealing = {
  missingClients: 0,
  missingSamples: 0,
  lateCaptions: 0,
  benchmark: "test",
} as const satisfies Partial<ExperimentConfig>;

/** Throws `bad-config` for settings of dealt data: who brings their own has what they have. */
export function refuseDealing(config: Pick<ExperimentConfig, keyof typeof dealing>): void {
  for (const [name, value] of Object.entries(dealing)) {
    const given = config[name as keyof typeof dealing];
    if (given !== value)
      throw new TandemError(
        "bad-config",
        `${name}: ${given} changes data that is dealt, and here participants bring their own: use ${value}`,
      );
  }
}

/** As many places as the experiment has, each for data that a participant brings. */
export async function federateTask(
  { id, task, test }: TaskRecord,
  publicSet: LabelledSet | undefined,
  config: Pick<ExperimentConfig, "slots" | keyof typeof dealing>,
  blobs: BlobStore,
): Promise<FederatedData> {
  refuseDealing(config);
  const vocabulary = new TextEncoder().encode(JSON.stringify(vocabularyOfTask(task, publicSet)));
  const { modalities, least, pictures, backbone, encoder } = task;
  const brought = encoder ? withEncoder : backbone && backboneArchitectures;
  const architectures = brought ?? usualArchitectures;
  return {
    classes: task.classes.map(({ name }) => name),
    slots: Array.from({ length: config.slots }, () => ({ source: "own data", samples: 0 })),
    ...(test && { test: { hash: test.hash, bytes: test.bytes } }),
    vocabulary: { hash: await blobs.put(vocabulary), bytes: vocabulary.length },
    own: {
      task: id,
      modalities,
      architectures,
      steps: stepsOf(architectures, pictures.size),
      least,
      pictures,
      ...(backbone && { backbone }),
      ...(encoder && { encoder }),
    },
  };
}
