import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { Strategy } from "@tandem/core/strategy";
import { type Arrays, addPrefix, type TensorData, underPrefix } from "@tandem/core/tensor";
import * as z from "zod/mini";
import { evaluateOnTest, type LocalTraining, trainLocally } from "./client-steps";
import { localTraining } from "./fields";
import { fromFixedPoint, sumArrays, toFixedPoint } from "./fixed-point";
import { claimedSamples, expectArray, expectNames, refuse } from "./upload-checks";

const maxValue = 2 ** 10;

/** The key of weights that may be averaged: modality, names and shapes. */
const groupOf = (modality: string, arrays: Arrays) =>
  [
    modality,
    ...Object.keys(arrays)
      .sort()
      .map((name) => `${name}[${arrays[name].shape}]`),
  ].join(" ");

type Counts = { readonly samples: number; readonly clients: number };
/** Of each group, in the accumulator's meta. */
const countsOf = (payload: Payload) => payload.meta as Readonly<Record<string, Counts>>;

function merge(left: Payload, right: Payload): Payload {
  const counts: Record<string, Counts> = { ...countsOf(left) };
  for (const [group, { samples, clients }] of Object.entries(countsOf(right))) {
    const known = counts[group] ?? { samples: 0, clients: 0 };
    counts[group] = { samples: known.samples + samples, clients: known.clients + clients };
  }
  return { arrays: sumArrays(left.arrays, right.arrays), meta: counts };
}

/** The weighted mean of the clients' weights, one model for each modality. */
export const fedavg: Strategy<LocalTraining> = {
  name: "fedavg",
  title: "FedAvg",
  summary: "Clients upload their weights; the server averages them by number of samples.",
  source: "McMahan et al., arXiv 1602.05629",
  disclosure:
    "All weights of your model, after every round. They hold no sample, but whoever runs the server can try to work out from them what the model was trained on.",
  needs: { teacher: false, equalArchitectures: true, modalities: ["image", "text"] },
  config: z.strictObject(localTraining),
  server: () => ({
    init: async () => emptyPayload,
    prepare: async (state) => ({ state, metrics: {} }),
    instruct: (state, client) => ({
      arrays: underPrefix(`${client.modality}:`, state.arrays),
      meta: {},
    }),
    check(state, client, update) {
      const { arrays } = update;
      const known = underPrefix(`${client.modality}:`, state.arrays);
      const names = Object.keys(known);
      expectNames(update, { arrays: names.length > 0 ? names : Object.keys(arrays), meta: [] });
      for (const [name, array] of Object.entries(arrays)) {
        // In the first round nothing is known: names must not be able to pass for parts of a group.
        if (!/^[\w.-]{1,200}$/.test(name)) refuse(`"${name.slice(0, 200)}" cannot be a weight`);
        const { shape } = names.length > 0 ? known[name] : array;
        expectArray(name, array, { dtype: "f32", shape });
        if (!array.data.every((value) => Math.abs(value) <= maxValue))
          refuse(`"${name}" must be within ±${maxValue}`);
      }
      if (Object.keys(arrays).length === 0) refuse("the upload holds no weights");
    },
    accumulate(accumulator, { client, payload }) {
      const group = groupOf(client.modality, payload.arrays);
      const samples = claimedSamples(client);
      const scaled = Object.fromEntries(
        Object.entries(payload.arrays).map(([name, array]) => [name, toFixedPoint(array, samples)]),
      );
      const own = {
        arrays: addPrefix(`${group}:`, scaled),
        meta: { [group]: { samples, clients: 1 } },
      };
      return accumulator ? merge(accumulator, own) : own;
    },
    merge,
    async conclude(state, accumulator) {
      const arrays: Record<string, TensorData> = { ...state.arrays };
      // What most clients hold comes last: one stray model in the first round cannot win.
      const groups = Object.entries(countsOf(accumulator)).sort(
        ([nameA, a], [nameB, b]) =>
          a.clients - b.clients || a.samples - b.samples || (nameA < nameB ? -1 : 1),
      );
      for (const [group, { samples }] of groups) {
        const [modality] = group.split(" ");
        const mean = Object.entries(underPrefix(`${group}:`, accumulator.arrays)).map(
          ([name, sum]) => [`${modality}:${name}`, fromFixedPoint(sum, samples)],
        );
        for (const name of Object.keys(arrays))
          if (name.startsWith(`${modality}:`)) delete arrays[name];
        Object.assign(arrays, Object.fromEntries(mean));
      }
      return { state: { arrays, meta: {} }, metrics: {} };
    },
    teach: async (state) => ({ state, metrics: {} }),
  }),
  client: (config) => ({
    async fit(context, instruction) {
      if (Object.keys(instruction.arrays).length > 0) context.model.load(instruction.arrays);
      const loss = await trainLocally(context, config);
      const metrics = { loss, ...(await evaluateOnTest(context)) };
      const arrays = await context.model.weights();
      return { update: { arrays, meta: {} }, memory: emptyPayload, metrics };
    },
  }),
};
