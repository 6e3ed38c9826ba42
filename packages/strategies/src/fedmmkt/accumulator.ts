import { type Modality, modalitiesOf } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { Kept, Update } from "@tandem/core/strategy";
import { type Arrays, arrayOf, type TensorData } from "@tandem/core/tensor";
import { flooredScores } from "../aggregation/contrast";
import { addSum } from "../aggregation/exact-sums";
import { keepUpload, keptUploads, union } from "../aggregation/kept-uploads";
import type { Table } from "../aggregation/rows";
import {
  addDescription,
  type DescriptionSums,
  isSum,
  noDescriptions,
} from "../aggregation/weighted-answers";
import { paintedSet } from "../synthetic-set/painted-set";
import { type Beliefs, readBeliefs, writeBeliefs } from "./beliefs";
import type { FedmmktConfig } from "./config";

/** What of a round's state decides how much a description counts. */
export type Basis = {
  readonly labels: readonly number[];
  readonly classes: number;
  /** Of the student: unit rows (N, d). */
  readonly g: Readonly<Record<Modality, Table>>;
  readonly beliefs: Beliefs;
};

/** τ_w: smaller values favour descriptions that match picture and caption best. */
const scoreTemperature = 0.1;

/** More answers than this are not compared one with another. */
const mostCompared = 100;

export const keptOf = (config: FedmmktConfig): Kept =>
  isSum(config)
    ? { part: "some", what: "what each answer says of the classes, and its critic's answers" }
    : {
        part: "all",
        what: `every answer, to compare it with the others (${config.robust})`,
        most: mostCompared,
      };

/** Of the state of a round: what `addAnswer` has to know. */
export const basisOf = (state: Payload): Payload => {
  const { labels, classes } = paintedSet(state);
  const beliefs = writeBeliefs(readBeliefs(state));
  return {
    arrays: {
      "g/image": arrayOf(state.arrays, "g/image", "f32"),
      "g/text": arrayOf(state.arrays, "g/text", "f32"),
      ...beliefs.arrays,
    },
    meta: { labels, classes, ...beliefs.meta },
  };
};

const read = new WeakMap<Payload, Basis>();
/** Once for all answers of a round. */
function readBasis(payload: Payload): Basis {
  const known = read.get(payload);
  if (known) return known;
  const { labels, classes } = paintedSet(payload);
  const g = {
    image: arrayOf(payload.arrays, "g/image", "f32"),
    text: arrayOf(payload.arrays, "g/text", "f32"),
  };
  const basis = { labels, classes, g, beliefs: readBeliefs(payload) };
  read.set(payload, basis);
  return basis;
}

const sumOf = (modality: Modality, part: keyof DescriptionSums) => `sum:${modality} ${part}`;
const isSumName = (name: string) => name.startsWith("sum:");

/**
 * Adds an answer to an accumulator, which it changes: descriptions, by far the most of it, as sums where the
 * rule is one and the basis is known; the rest as it is.
 */
export function addAnswer(
  config: FedmmktConfig,
  accumulator: Payload | undefined,
  update: Update,
  basis: Payload | undefined,
): Payload {
  if (!basis || !isSum(config)) return keepUpload(accumulator, update);
  const { client, age, payload } = update;
  const rest = Object.entries(payload.arrays).filter(([name]) => !name.startsWith("z/"));
  const sum = keepUpload(accumulator, {
    ...update,
    payload: { ...payload, arrays: Object.fromEntries(rest) },
  });
  const arrays = sum.arrays as Record<string, TensorData>; // an accumulator is its holder's own
  const known = readBasis(basis);
  for (const modality of modalitiesOf(client.modality)) {
    const z = arrayOf(payload.arrays, `z/${modality}`, "f32");
    const sums = sumsIn(arrays, modality) ?? noDescriptions(z.shape);
    arrays[sumOf(modality, "rows")] = sums.rows;
    arrays[sumOf(modality, "weights")] = sums.weights;
    addDescription(sums, weighed(config, known, { id: client.id, modality, age, z }));
  }
  return sum;
}

/** `left`, to which all of `right` is added. */
export function mergeAnswers(left: Payload, right: Payload): Payload {
  const mine = left.arrays;
  const fresh: Record<string, TensorData> = {};
  for (const [name, array] of Object.entries(right.arrays))
    if (isSumName(name) && mine[name])
      addSum(arrayOf(mine, name, "f64"), arrayOf(right.arrays, name, "f64"));
    else fresh[name] = array;
  return union(left, { arrays: fresh, meta: right.meta });
}

function sumsIn(arrays: Arrays, modality: Modality): DescriptionSums | undefined {
  const rows = sumOf(modality, "rows");
  if (!arrays[rows]) return undefined;
  return {
    rows: arrayOf(arrays, rows, "f64"),
    weights: arrayOf(arrays, sumOf(modality, "weights"), "f64"),
  };
}

/** All descriptions in one modality, summed up; those that were kept are added to a copy. */
export function summedDescriptions(
  config: FedmmktConfig,
  basis: Basis,
  accumulator: Payload,
  modality: Modality,
): DescriptionSums {
  const sums = noDescriptions(basis.g[modality].shape);
  const before = sumsIn(accumulator.arrays, modality);
  if (before) {
    addSum(sums.rows, before.rows);
    addSum(sums.weights, before.weights);
  }
  for (const kept of keptDescriptions(accumulator, modality))
    addDescription(sums, weighed(config, basis, kept));
  return sums;
}

type KeptDescription = {
  readonly id: string;
  readonly modality: Modality;
  readonly age: number;
  readonly z: Table;
};

export const keptDescriptions = (
  accumulator: Payload,
  modality: Modality,
): readonly KeptDescription[] =>
  keptUploads(accumulator).flatMap(({ uploader: { id, age }, arrays }) => {
    const name = `z/${modality}`;
    return arrays[name] ? [{ id, modality, age, z: arrayOf(arrays, name, "f32") }] : [];
  });

/** A description with what its weight follows from (docs/algorithm.md A6). */
export function weighed(
  config: FedmmktConfig,
  basis: Basis,
  { id, modality, age, z }: KeptDescription,
) {
  const { labels } = basis;
  const isEqual = config.robust === "mean";
  const reliability = reliabilityOf(basis, modality, id);
  return {
    z,
    scores: scoresOf(config, basis, modality, z),
    reliability: labels.map((label) => (isEqual ? 1 : reliability[label])),
    age: isEqual ? 0 : age,
  };
}

/** s (N,) of rows that describe the set in a modality. */
export function scoresOf(
  config: FedmmktConfig,
  { g, labels }: Basis,
  modality: Modality,
  z: Table,
): Float64Array {
  // A liar may choose a row that scores well: to all other rules rows are the same.
  if (config.robust !== "weighted") return new Float64Array(labels.length);
  const others = g[modality === "image" ? "text" : "image"];
  const groups = config.positives === "class" ? labels : labels.map((_, i) => i);
  return flooredScores(z, others, groups, scoreTemperature);
}

/** a_k (C,): ½ for a client that is new. */
export const reliabilityOf = (
  { beliefs, classes }: Pick<Basis, "beliefs" | "classes">,
  modality: Modality,
  id: string,
): ArrayLike<number> => beliefs[modality].get(id) ?? new Float64Array(classes).fill(0.5);
