import type { Payload } from "@tandem/core/payload";
import type { LateAnswers } from "@tandem/core/strategy";
import { keptUploads } from "../aggregation/kept-uploads";
import { revised } from "../synthetic-set/past-sets";
import { basisOf } from "./accumulator";
import { beliefsAbout, withBeliefs } from "./beliefs";
import type { FedmmktConfig } from "./config";
import { fuse } from "./fusion";
import { type FedmmktState, readState, roundOf, writeState } from "./state";

/**
 * Fuses a past set once more with the answers that came late, each at e^{-age/2} of its weight
 * (docs/algorithm.md A11). Clients still learn from the set, so the next instruction tells them. What
 * is believed of a client changes for those alone that were late: the others have been judged by this
 * set already.
 */
export const lateAnswers = (config: FedmmktConfig): LateAnswers => ({
  rounds: config.cachedSets,
  basis: (state, past) => basisOf(writeState(reopened(readState(state), past))),
  revise(state, past, accumulator) {
    const now = readState(state);
    const again = fuse(config, reopened(now, past), accumulator).state;
    const late = new Set(
      keptUploads(accumulator).flatMap(({ uploader }) => (uploader.age > 0 ? [uploader.id] : [])),
    );
    const judged = beliefsAbout(again.kept.beliefs, (id) => late.has(id));
    const known = { ...now.kept, beliefs: withBeliefs(now.kept.beliefs, judged) };
    const { set, knowledge } = roundOf(again);
    return {
      state: revised(writeState({ ...now, kept: known }), set.set, { ...knowledge }),
      metrics: {},
    };
  },
});

/** As it was, but for beliefs: a round's own do not count when it is concluded anew. */
function reopened(now: FedmmktState, past: Payload): FedmmktState {
  const then = readState(past);
  const beliefs = withBeliefs(then.kept.beliefs, now.kept.beliefs);
  return { ...then, kept: { ...then.kept, beliefs } };
}
