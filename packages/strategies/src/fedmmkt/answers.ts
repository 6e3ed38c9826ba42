import { type Modality, modalitiesOf } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import { arrayOf } from "@tandem/core/tensor";
import { keptUploads } from "../aggregation/kept-uploads";
import { reputationOf } from "../aggregation/reputation";
import { rowsOf } from "../aggregation/rows";
import type { Contribution, Rows } from "../aggregation/weighted-answers";
import { paintedSet } from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";

/** What one client says of the set in one modality. */
export type Voice = {
  readonly id: string;
  readonly modality: Modality;
  readonly contribution: Contribution & { readonly z: Rows };
  readonly known: ArrayLike<number>;
  /** Its reputation; 1 where none is kept. */
  readonly trust: number;
};

/** Everybody's uploads, sorted as they are kept: by client. */
export function voicesOf(
  config: FedmmktConfig,
  state: Payload,
  accumulator: Payload,
): readonly Voice[] {
  const { labels, classes } = paintedSet(state);
  return keptUploads(accumulator).flatMap(({ uploader, arrays }) => {
    const { id, samples, modality: held, age } = uploader;
    const trust = config.reputation ? reputationOf(state, id) : 1;
    const isEqual = config.robust === "mean";
    return modalitiesOf(held).map((modality) => {
      const known = reliabilityOf(state, `${id}/${modality}`, classes);
      const contribution = {
        probabilities: rowsOf(arrays, `p/${modality}`),
        z: rowsOf(arrays, `z/${modality}`),
        mask: config.abstention
          ? arrayOf(arrays, `mask/${modality}`, "u8").data
          : labels.map(() => 1),
        reliability: labels.map((label) => (isEqual ? 1 : known[label]) * trust),
        samples,
        age: isEqual ? 0 : age,
      };
      return { id, modality, contribution, known, trust };
    });
  });
}

/** a_k (C,) of a voice, ½ for one that is new. */
const reliabilityOf = (state: Payload, voice: string, classes: number): ArrayLike<number> =>
  `reliability/${voice}` in state.arrays
    ? arrayOf(state.arrays, `reliability/${voice}`, "f64").data
    : new Float64Array(classes).fill(0.5);
