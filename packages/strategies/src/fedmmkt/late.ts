import type { LateAnswers } from "@tandem/core/strategy";
import { keptUploads } from "../aggregation/kept-uploads";
import { revised } from "../synthetic-set/past-sets";
import type { FedmmktConfig } from "./config";
import { fuse } from "./fusion";
import { beliefsOf, readState, roundOf, writeState } from "./state";

/**
 * Fuses a past set once more with the answers that came late, each at e^{-age/2} of its weight
 * (docs/algorithm.md A11). Clients still learn from the set, so the next instruction tells them. What
 * is believed of a client changes for those alone that were late: the others have been judged by this
 * set already.
 */
export const lateAnswers = (config: FedmmktConfig): LateAnswers => ({
  rounds: config.cachedSets,
  revise(state, past, accumulator) {
    const now = readState(state);
    const then = readState(past);
    // A round's own beliefs do not count when it is concluded anew.
    const { beliefs } = now.kept;
    const again = fuse(
      config,
      { ...then, kept: { ...then.kept, beliefs: { ...then.kept.beliefs, ...beliefs } } },
      accumulator,
    ).state;
    const late = keptUploads(accumulator).flatMap(({ uploader }) =>
      uploader.age > 0 ? [uploader.id] : [],
    );
    const judged = Object.entries(again.kept.beliefs).filter(([name]) =>
      late.some((id) => name.startsWith(beliefsOf(id))),
    );
    const known = { ...now.kept, beliefs: { ...beliefs, ...Object.fromEntries(judged) } };
    const { set, knowledge } = roundOf(again);
    return {
      state: revised(writeState({ ...now, kept: known }), set.set, { ...knowledge }),
      metrics: {},
    };
  },
});
