import type { Payload } from "@tandem/core/payload";
import type { LateAnswers } from "@tandem/core/strategy";
import { addPrefix, underPrefix } from "@tandem/core/tensor";
import { keptUploads } from "../aggregation/kept-uploads";
import { paintedSet } from "../synthetic-set/painted-set";
import { revised } from "../synthetic-set/past-sets";
import type { FedmmktConfig } from "./config";
import { fuse } from "./fusion";

/**
 * Fuses a past set once more with the answers that came late, each at e^{-age/2} of its weight (A6).
 * Clients still learn from the set, so the next instruction tells them. What is believed of a client
 * changes for those alone that were late: the others have been judged by this set already.
 */
export const lateAnswers = (config: FedmmktConfig): LateAnswers => ({
  rounds: config.cachedSets,
  revise(state, past, accumulator) {
    const beliefs = beliefsOf(state);
    const { arrays } = fuse(
      config,
      { ...past, arrays: { ...past.arrays, ...beliefs } },
      accumulator,
    ).state;
    const late = keptUploads(accumulator).flatMap(({ uploader }) =>
      uploader.age > 0 ? [uploader.id] : [],
    );
    const judged = Object.entries(beliefsOf({ arrays, meta: {} })).filter(([name]) =>
      late.some((id) => name === `reputation/${id}` || name.startsWith(`reliability/${id}/`)),
    );
    const next = revised(state, paintedSet(past).set, underPrefix("knowledge/", arrays));
    const all = { ...next.arrays, ...Object.fromEntries(judged) };
    return { state: { ...next, arrays: all }, metrics: {} };
  },
});

/** Reliabilities and reputations: a round's own do not count when it is concluded anew. */
const beliefsOf = ({ arrays }: Payload) => ({
  ...addPrefix("reliability/", underPrefix("reliability/", arrays)),
  ...addPrefix("reputation/", underPrefix("reputation/", arrays)),
});
