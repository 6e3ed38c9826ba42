import { modalitiesOf } from "@tandem/core/data";
import { emptyPayload, type Payload, type WireEncoding } from "@tandem/core/payload";
import type { ClientInfo, FitContext, ServerHalf } from "@tandem/core/strategy";
import { type Arrays, addPrefix, arrayOf, type TensorData, underPrefix } from "@tandem/core/tensor";
import type { UploadOutline } from "@tandem/core/upload-outline";
import { fromFixedPoint, mergeSums, toFixedPoint } from "../aggregation/fixed-point";
import { argMax, matrix, type Rows, rowsOf, softmax } from "../aggregation/rows";
import { expectProbabilities, expectWithin } from "../aggregation/upload-checks";
import { askAbout, galleryOf, paintedSet, paintSet, type SetConfig } from "./painted-set";
import { type ArchiveConfig, archived, pastFor } from "./past-sets";
import { asLabelledSet, type RememberedSet } from "./remembered-sets";

/** What a client says of each sample of a set, (N, C): its logits as they are, or their softmax. */
export type AnswerKind = "logits" | "probabilities";

const maxLogit = 2 ** 10;

/**
 * Averages, for each modality by itself, what the clients say of the round's set, every client alike;
 * `conclude` makes the knowledge of it that goes out with the next set. The teacher stays as it is.
 */
export function averagedAnswers(
  config: SetConfig & ArchiveConfig,
  kind: AnswerKind,
  conclude: (mean: Rows) => Rows = (mean) => mean,
): ServerHalf & Required<Pick<ServerHalf, "prepare">> {
  return {
    init: async () => emptyPayload,
    async prepare(state, env) {
      const { images, meta } = await paintSet(config, env);
      const last = addPrefix("last/", underPrefix("knowledge/", state.arrays));
      const past = archived(state, config);
      return {
        state: {
          arrays: { ...past.arrays, ...last, images },
          meta: { ...meta, ...past.meta, last: state.meta.set ?? null },
          encoding: { ...past.encoding, images: "png" },
        },
        metrics: {},
      };
    },
    instruct,
    outline,
    check: (client, update) => check(kind, client, update),
    accumulate(accumulator, { payload }) {
      const own: Payload = {
        arrays: mapArrays(payload.arrays, (array) => toFixedPoint(array)),
        meta: mapArrays(payload.arrays, () => 1),
      };
      return accumulator ? mergeSums(accumulator, own) : own;
    },
    merge: mergeSums,
    async conclude(state, { arrays, meta }) {
      const means = mapArrays(arrays, (sum, name) => fromFixedPoint(sum, countsOf(meta)[name]));
      const { labels } = paintedSet(state);
      const metrics: Record<string, number> = {};
      for (const name of Object.keys(means)) {
        const hits = rowsOf(means, name).filter((row, i) => argMax(row) === labels[i]);
        const what = name === "image" ? "pictures" : "captions";
        metrics[`${what}/agreement`] = hits.length / labels.length;
      }
      const knowledge = mapArrays(means, (_, name) => matrix(conclude(rowsOf(means, name))));
      return {
        state: { ...state, arrays: { ...state.arrays, ...addPrefix("knowledge/", knowledge) } },
        metrics,
      };
    },
    gallery(state) {
      if (!("knowledge/image" in state.arrays)) return galleryOf(state);
      const known = rowsOf(state.arrays, "knowledge/image");
      const seen = kind === "logits" ? known.map(softmax) : known;
      return galleryOf(state, (i) => ({
        verdict: { label: argMax(seen[i]), confidence: Math.max(...Array.from(seen[i])) },
      }));
    },
  };
}

const mapArrays = <T>(arrays: Arrays, make: (array: TensorData, name: string) => T) =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, make(array, name)]));

/** How many clients have answered in each modality. */
const countsOf = (meta: Payload["meta"]) => meta as Readonly<Record<string, number>>;

/** The round's set, and what is known of the last ones in the client's modalities. */
function instruct(state: Payload, client: ClientInfo, answered?: number): Payload {
  const asked = askAbout(state, client);
  const known = Object.fromEntries(
    modalitiesOf(client.modality).map((modality) => [modality, "f16"] as const),
  );
  const past = pastFor(state, client, { answered, known });
  const arrays: Record<string, TensorData> = { ...asked.arrays, ...past.arrays };
  const encoding: Record<string, WireEncoding> = { ...asked.encoding, ...past.encoding };
  for (const modality of modalitiesOf(client.modality)) {
    const known = state.arrays[`last/${modality}`];
    if (!known) continue; // nobody has answered in it
    arrays[modality] = known;
    encoding[modality] = "f16";
  }
  const meta = { ...asked.meta, ...past.meta, knowledgeOf: state.meta.last };
  return { arrays, meta, encoding };
}

function outline(state: Payload, { modality }: ClientInfo): UploadOutline {
  const { set, labels, classes } = paintedSet(state);
  const rows = { dtype: "f32", shape: [labels.length, classes] } as const;
  return {
    arrays: Object.fromEntries(modalitiesOf(modality).map((name) => [name, rows])),
    meta: { set },
  };
}

function check(kind: AnswerKind, client: ClientInfo, { arrays }: Payload): void {
  for (const modality of modalitiesOf(client.modality)) {
    const rows = rowsOf(arrays, modality);
    if (kind === "logits") expectWithin(modality, rows, maxLogit);
    else expectProbabilities(modality, rows);
  }
}

/** The client's side: what its model says of the set, in each of its modalities. */
export async function answer(
  { model, trainer, signal, progress }: FitContext,
  asked: RememberedSet,
  kind: AnswerKind,
): Promise<Payload> {
  progress("extract", 0);
  const { logits } = await trainer.predict(model, asLabelledSet(asked), signal);
  progress("extract", 1);
  const names = modalitiesOf(model.modality);
  const said = names.map((modality) => {
    const rows = rowsOf({ logits: arrayOf(logits, modality, "f32") }, "logits");
    return [modality, matrix(kind === "logits" ? rows : rows.map(softmax))] as const;
  });
  return {
    arrays: Object.fromEntries(said),
    meta: { set: asked.set },
    encoding: Object.fromEntries(names.map((modality) => [modality, "f16"])),
  };
}
