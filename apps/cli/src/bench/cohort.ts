import type { ClientModality, LabelledSet } from "@tandem/core/data";
import type { Dataset } from "@tandem/datasets/dataset";
import { federate } from "@tandem/datasets/federation/federate";
import { loadDataset } from "@tandem/datasets/registry";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";

export type Member = {
  readonly modality: ClientModality;
  readonly architecture: string;
  readonly source: string;
  readonly data: LabelledSet;
};

export type Cohort = {
  readonly dataset: Dataset;
  readonly test: LabelledSet;
  readonly members: readonly Member[];
};

/** A data set as an experiment with this seed deals it out. */
export async function dealtOut(
  name: string,
  options: { readonly seed: number; readonly slots: number; readonly alpha: number },
): Promise<Cohort> {
  const dataset = await loadDataset(name);
  const blobs = createMemoryBlobs();
  const { slots, test } = await federate(dataset, options, blobs);
  return {
    dataset,
    test: decodeLabelledSet(await blobs.get(test.hash)),
    members: await Promise.all(
      slots.map(async ({ shard, ...slot }) => ({
        ...slot,
        data: decodeLabelledSet(await blobs.get(shard.hash)),
      })),
    ),
  };
}
