import { type Modality, modalitiesOf } from "@tandem/core/data";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ClientInfo, Update } from "@tandem/core/strategy";
import { type Arrays, addPrefix, underPrefix } from "@tandem/core/tensor";
import type { ArrayOutline, UploadOutline } from "@tandem/core/upload-outline";
import { fromFixedPoint, mergeSums, toFixedPoint } from "./fixed-point";
import { areWithin, claimedSamples, refuse } from "./upload-checks";

const maxValue = 2 ** 10;

export const headNames = (modality: Modality): readonly string[] =>
  ["weight", "bias"].map((part) => `${modality}.head.${part}`);

/** The heads among a model's weights. */
export const headsOf = (weights: Arrays, { modality }: Pick<ClientInfo, "modality">): Arrays =>
  Object.fromEntries(
    modalitiesOf(modality)
      .flatMap(headNames)
      .map((name) => [name, weights[name]]),
  );

/** Heads that may be averaged read features of one modality and of one width. */
export const headGroup = (modality: string, width: number): string => `${modality} ${width}`;

/** Width of an architecture's features, once one of it has answered; from a state's meta. */
const widthOf = (state: Payload, architecture: string, modality: string): number | undefined =>
  (state.meta.widths as Readonly<Record<string, number>>)[`${architecture} ${modality}`];

/** Of the client's modalities, the groups that are known. */
export const groupsOf = (state: Payload, { architecture, modality }: ClientInfo) =>
  modalitiesOf(modality).flatMap((m) => {
    const width = widthOf(state, architecture, m);
    return width === undefined ? [] : [{ modality: m, width, group: headGroup(m, width) }];
  });

/** Heads of the client's architecture for this number of classes. */
export function headsOutline(state: Payload, client: ClientInfo): UploadOutline["arrays"] {
  const classes = state.meta.classes as number; // by `init`
  const heads = modalitiesOf(client.modality).flatMap((modality): [string, ArrayOutline][] => {
    const [weight, bias] = headNames(modality);
    const width = widthOf(state, client.architecture, modality) ?? ([1, 4096] as const);
    return [
      [weight, { dtype: "f32", shape: [width, classes] }],
      [bias, { dtype: "f32", shape: [classes] }],
    ];
  });
  return Object.fromEntries(heads);
}

/** Throws unless all values of the heads are within the limit. */
export function checkHeads({ modality }: ClientInfo, { arrays }: Payload): void {
  for (const name of modalitiesOf(modality).flatMap(headNames))
    if (!areWithin(arrays[name].data, maxValue)) refuse(`"${name}" must be within ±${maxValue}`);
}

/** Heads times samples by group, and in meta the samples and who has said which width. */
export function accumulateHeads(accumulator: Payload | undefined, update: Update): Payload {
  const { client, payload } = update;
  const samples = claimedSamples(client);
  const parts = modalitiesOf(client.modality).map((modality): Payload => {
    const [weight, bias] = headNames(modality).map((name) => payload.arrays[name]);
    const group = headGroup(modality, weight.shape[0]);
    const sums = { weight: toFixedPoint(weight, samples), bias: toFixedPoint(bias, samples) };
    return {
      arrays: addPrefix(`${group}:`, sums),
      meta: { [`samples ${group}`]: samples, [`says ${client.architecture} ${group}`]: 1 },
    };
  });
  return parts.reduce(mergeSums, accumulator ?? emptyPayload);
}

/** The state with the mean head of each group that has been answered for. */
export function renewHeads(state: Payload, sums: Payload): Payload {
  const counts = sums.meta as Readonly<Record<string, number>>; // by `accumulateHeads`
  const arrays = { ...state.arrays };
  const widths: Record<string, number> = {};
  // What most of an architecture say comes last, and what is known already after that.
  const names = Object.keys(counts).sort((a, b) => counts[a] - counts[b] || (a < b ? -1 : 1));
  for (const name of names) {
    if (name.startsWith("samples ")) {
      const group = name.slice("samples ".length);
      const heads = Object.entries(underPrefix(`${group}:`, sums.arrays));
      for (const [part, sum] of heads)
        arrays[`${group}:${part}`] = fromFixedPoint(sum, counts[name]);
    } else {
      const [, architecture, width] = /^says (.* \S+) (\d+)$/.exec(name) ?? [];
      widths[architecture] = Number(width);
    }
  }
  Object.assign(widths, state.meta.widths);
  return { arrays, meta: { ...state.meta, widths } };
}

/** The mean heads under the names of the client's own. */
export const headsFor = (state: Payload, client: ClientInfo): Arrays =>
  Object.fromEntries(
    groupsOf(state, client).flatMap(({ modality, group }) => {
      const head = underPrefix(`${group}:`, state.arrays);
      return [
        [`${modality}.head.weight`, head.weight],
        [`${modality}.head.bias`, head.bias],
      ];
    }),
  );
