import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";
import { type Arrays, addPrefix, type TensorData, underPrefix } from "@tandem/core/tensor";
import { fromFixedPoint, sumArrays, toFixedPoint } from "./fixed-point";
import { areWithin, claimedSamples, refuse } from "./upload-checks";

/**
 * The mean of the clients' weights by number of samples, one model for each group; an instruction is
 * the mean of the client's group. A group's name holds neither space nor colon.
 */
export function weightMean(groupOf: (client: ClientInfo) => string): ServerHalf {
  return {
    init: async () => emptyPayload,
    instruct: (state, client) => ({
      arrays: underPrefix(`${groupOf(client)}:`, state.arrays),
      meta: {},
    }),
    outline(state, client) {
      const known = Object.entries(underPrefix(`${groupOf(client)}:`, state.arrays));
      const arrays = known.map(([name, { shape }]) => [name, { dtype: "f32", shape }] as const);
      return {
        arrays: Object.fromEntries(arrays),
        ...(known.length === 0 && { others: "" }),
        meta: {},
      };
    },
    check(_, { arrays }) {
      for (const [name, array] of Object.entries(arrays)) {
        // In the first round nothing is known: names must not be able to pass for parts of a group.
        if (!/^[\w.-]{1,200}$/.test(name)) refuse(`"${name.slice(0, 200)}" cannot be a weight`);
        if (!areWithin(array.data, maxValue)) refuse(`"${name}" must be within ±${maxValue}`);
      }
      if (Object.keys(arrays).length === 0) refuse("the upload holds no weights");
    },
    accumulate(accumulator, { client, payload }) {
      const model = modelOf(groupOf(client), payload.arrays);
      const samples = claimedSamples(client);
      const scaled = Object.fromEntries(
        Object.entries(payload.arrays).map(([name, array]) => [name, toFixedPoint(array, samples)]),
      );
      const own = {
        arrays: addPrefix(`${model}:`, scaled),
        meta: { [model]: { samples, clients: 1 } },
      };
      return accumulator ? merge(accumulator, own) : own;
    },
    merge,
    async conclude(state, accumulator) {
      const arrays: Record<string, TensorData> = { ...state.arrays };
      // What most clients hold comes last: one stray model in the first round cannot win.
      const models = Object.entries(countsOf(accumulator)).sort(
        ([nameA, a], [nameB, b]) =>
          a.clients - b.clients || a.samples - b.samples || (nameA < nameB ? -1 : 1),
      );
      for (const [model, { samples }] of models) {
        const [group] = model.split(" ");
        const mean = Object.entries(underPrefix(`${model}:`, accumulator.arrays)).map(
          ([name, sum]) => [`${group}:${name}`, fromFixedPoint(sum, samples)],
        );
        for (const name of Object.keys(arrays))
          if (name.startsWith(`${group}:`)) delete arrays[name];
        Object.assign(arrays, Object.fromEntries(mean));
      }
      return { state: { arrays, meta: {} }, metrics: {} };
    },
  };
}

const maxValue = 2 ** 10;

/** The key of weights that may be averaged: group, names and shapes. */
const modelOf = (group: string, arrays: Arrays) =>
  [
    group,
    ...Object.keys(arrays)
      .sort()
      .map((name) => `${name}[${arrays[name].shape}]`),
  ].join(" ");

type Counts = { readonly samples: number; readonly clients: number };
/** Of each model, in the accumulator's meta. */
const countsOf = (payload: Payload) => payload.meta as Readonly<Record<string, Counts>>;

function merge(left: Payload, right: Payload): Payload {
  const counts: Record<string, Counts> = { ...countsOf(left) };
  for (const [model, { samples, clients }] of Object.entries(countsOf(right))) {
    const known = counts[model] ?? { samples: 0, clients: 0 };
    counts[model] = { samples: known.samples + samples, clients: known.clients + clients };
  }
  return { arrays: sumArrays(left.arrays, right.arrays), meta: counts };
}
