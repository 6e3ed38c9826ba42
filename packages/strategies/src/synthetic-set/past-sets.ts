import { modalitiesOf } from "@tandem/core/data";
import type { JsonObject } from "@tandem/core/json";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import type { ClientInfo } from "@tandem/core/strategy";
import { type Arrays, addPrefix, type TensorData, underPrefix } from "@tandem/core/tensor";
import { paintedSet } from "./painted-set";

/** Of a set that is no longer asked about: its arrays are `past/<set>/…`, pictures and knowledge. */
type PastSet = {
  readonly set: number;
  readonly captions: readonly string[];
  readonly labels: readonly number[];
  /** Round that has concluded it once more, from answers that came late. */
  readonly revisedIn?: number;
};
/** Fields of a configuration: how many sets are kept for those that miss some, if any. */
export type ArchiveConfig = { readonly cachedSets: number; readonly catchUp: boolean };
type Archive = Required<Payload>;

const pastSets = (meta: JsonObject) => (meta.past ?? []) as unknown as readonly PastSet[]; // by `archived`
const asMeta = (past: readonly PastSet[]) => past as unknown as JsonObject[]; // plain JSON by their type

/** The last sets of a state whose next round begins, with what is known of them. */
export function archived(state: Payload, { cachedSets, catchUp }: ArchiveConfig): Archive {
  const { set, captions, labels } = paintedSet(state);
  const { images } = state.arrays;
  const before = images
    ? [...pastSets(state.meta), { set, captions, labels }]
    : pastSets(state.meta);
  const past = catchUp ? before.slice(-cachedSets) : [];
  const own = { ...underPrefix("knowledge/", state.arrays), ...(images && { images }) };
  const arrays = past.map((entry) => {
    const prefix = `past/${entry.set}/`;
    return addPrefix(prefix, entry.set === set ? own : underPrefix(prefix, state.arrays));
  });
  return {
    arrays: Object.assign({}, ...arrays),
    meta: past.length > 0 ? { past: asMeta(past) } : {},
    encoding: Object.fromEntries(past.map((entry) => [`past/${entry.set}/images`, "png"])),
  };
}

/**
 * What an instruction tells of past sets, beside the knowledge of the last one: all of those that a
 * client has missed since its last answer, and the knowledge of those that were concluded anew in the
 * round before. Nothing for a client that has missed none. `known`: names of knowledge it can use.
 */
export function pastFor(
  state: Payload,
  client: ClientInfo,
  {
    answered,
    known,
  }: {
    readonly answered: number | undefined;
    readonly known: Readonly<Record<string, WireEncoding | undefined>>;
  },
): Archive {
  const before = paintedSet(state).set - 1;
  const sees = modalitiesOf(client.modality).includes("image");
  const arrays: Record<string, TensorData> = {};
  const encoding: Record<string, WireEncoding> = {};
  const past = pastSets(state.meta).flatMap(({ revisedIn, ...entry }): readonly PastSet[] => {
    const { set } = entry;
    const isMissed = answered !== undefined && answered < before && set >= answered;
    if (!isMissed && revisedIn !== before) return [];
    const prefix = `past/${set}/`;
    for (const [name, array] of Object.entries(underPrefix(prefix, state.arrays))) {
      const isPicture = name === "images";
      // Every instruction holds what is known of the last set.
      const isTold = isPicture ? isMissed && sees : name in known && set !== state.meta.last;
      const packing = isPicture ? "png" : known[name];
      if (isTold) arrays[`${prefix}${name}`] = array;
      if (isTold && packing) encoding[`${prefix}${name}`] = packing;
    }
    return [isMissed ? entry : { set, captions: [], labels: [] }];
  });
  return { arrays, meta: past.length > 0 ? { past: asMeta(past) } : {}, encoding };
}

/** The state with other knowledge of one of its past sets, if it still has the set. */
export function revised(state: Payload, set: number, knowledge: Arrays): Payload {
  const past = pastSets(state.meta);
  if (!past.some((entry) => entry.set === set)) return state;
  const revisedIn = paintedSet(state).set;
  const sets = past.map((entry) => (entry.set === set ? { ...entry, revisedIn } : entry));
  return {
    ...state,
    arrays: { ...state.arrays, ...addPrefix(`past/${set}/`, knowledge) },
    meta: { ...state.meta, past: asMeta(sets) },
  };
}
