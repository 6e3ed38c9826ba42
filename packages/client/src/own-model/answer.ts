import { type LabelledSet, modalitiesOf, subset } from "@tandem/core/data";
import { TandemError, unreachable } from "@tandem/core/errors";
import { rowsWith } from "@tandem/core/presence";
import { f32, type TensorOf } from "@tandem/core/tensor";
import { search } from "@tandem/evaluation/retrieval";
import type { ExportPlan, ModelToTake } from "@tandem/export/model-to-take";
import { modelMakerOf } from "../model-maker";
import { sampleOf } from "../preview";
import { type Asking, measureModel, resultsToTell, trainAlone } from "./measure";
import type {
  About,
  Hit,
  ModelAddress,
  ModelQuestion,
  ModelQuestions,
  ModelRequest,
  Samples,
} from "./messages";
import {
  fused,
  type ModelHost,
  type OwnModel,
  openOwnModel,
  temperaturesOf,
  withModel,
} from "./own-model";

export type AnsweringHost = ModelHost & {
  /** Of a strategy, for people. */
  readonly titleOf: (strategy: string) => string;
  /** Both read the files of the model's backbone, where it has one. */
  readonly exportModel: (model: ModelToTake) => Promise<Uint8Array>;
  readonly planExport: (model: Pick<ModelToTake, "weights" | "backbone">) => Promise<ExportPlan>;
};

const limits = { samples: 256, text: 10_000, hits: 100 };

/** Throws `not-found` for a model that is not kept, `bad-data` and `too-large` for what cannot be asked. */
export async function answer(
  host: AnsweringHost,
  of: ModelAddress,
  request: ModelRequest,
  asking: Asking,
): Promise<ModelQuestions[ModelQuestion]["answer"]> {
  const own = await openOwnModel(host, of);
  if (request.question === "open") return own?.info;
  if (!own)
    throw new TandemError(
      "not-found",
      `This browser keeps no model of ${of.experiment}: take part in it first.`,
    );
  switch (request.question) {
    case "result":
      return measureModel(host, own, asking);
    case "alone":
      await trainAlone(host, own, asking);
      return measureModel(host, own, { ...asking, progress: () => {} });
    case "classify":
      return classify(host, own, request, asking);
    case "search":
      return searchOwn(host, own, request, asking);
    case "token":
      return own.memory.token();
    case "plan":
      return host.planExport({ weights: (await own.trained()).weights, ...backboneOf(own) });
    case "export":
      return host.exportModel(await toTake(host, own, request.about, asking));
    default:
      return unreachable(request);
  }
}

async function classify(
  host: ModelHost,
  own: OwnModel,
  samples: Samples,
  { signal }: Asking,
): Promise<TensorOf<"f32">> {
  if (own.info.task === "retrieval")
    throw new TandemError(
      "not-supported",
      "This model matches pairs and knows no classes: search.",
    );
  const set = setOf(own, samples);
  const { metrics } = await own.trained();
  return withModel(host, own, async ({ model, trainer }) =>
    softmaxRows(fused(await trainer.predict(model, set, signal), temperaturesOf(metrics))),
  );
}

async function searchOwn(
  host: ModelHost,
  own: OwnModel,
  { like, count }: ModelQuestions["search"]["asks"],
  { signal }: Asking,
): Promise<readonly Hit[]> {
  if (own.info.modality !== "image-text" || own.info.task === "classification")
    throw new TandemError(
      "not-supported",
      "Only a model that has learned which caption belongs to which picture can search.",
    );
  if (!(count >= 1 && count <= limits.hits))
    throw new TandemError("too-large", `${count} samples: ask for 1 to ${limits.hits}.`);
  const query = setOf(own, like);
  if (query.size !== 1)
    throw new TandemError("bad-data", `${query.size} samples to search by: give one.`);
  const { data } = (await own.member()).hostOf(signal, () => {});
  const pictures = subset(data, rowsWith(data, "image"));
  return withModel(host, own, async ({ model, trainer }) => {
    const asked = (await trainer.predict(model, query, signal)).z;
    const { z } = await trainer.predict(model, pictures, signal);
    const point = like.images ? asked.image : asked.text;
    if (!point || !z.image) throw new Error("the model embeds neither");
    return search(point.data, z.image, count).map(({ row, score }) => ({
      sample: sampleOf(pictures, own.info.classes, row),
      score,
    }));
  });
}

/** Of its pictures. */
const backboneOf = ({ info, study }: OwnModel): Pick<ModelToTake, "backbone"> => {
  const { backbone } = study.joined;
  return backbone && info.modality !== "text" ? { backbone } : {};
};

async function toTake(
  host: AnsweringHost,
  own: OwnModel,
  { pictures: told, ...task }: About,
  asking: Asking,
): Promise<ModelToTake> {
  const { classes, modality, architecture, pictures, experiment, rounds } = own.info;
  const { joined } = own.study;
  const { weights } = await own.trained();
  await host.ready();
  const { encoder } = await modelMakerOf(host, joined, await own.encoder());
  const held = modalitiesOf(modality);
  return {
    architecture,
    weights,
    classes,
    ...(held.includes("image") &&
      pictures && { imageSize: pictures.size, pictures: told ?? pictures }),
    ...backboneOf(own),
    ...(encoder && { encoder }),
    ...(held.includes("text") && { vocabulary: await own.vocabulary() }),
    task,
    training: {
      experiment,
      strategy: host.titleOf(joined.strategy),
      rounds,
      data: joined.shard ? `a share of ${joined.source}` : "samples of its owner's",
    },
    results: await resultsToTell(host, own, asking),
    history: own.history.map(({ round, accuracy }) => ({ round, accuracy })),
  };
}

/** Checked: whatever comes from the page may be anything. */
function setOf({ info }: OwnModel, { images, captions }: Samples): LabelledSet {
  const bad = (what: string) => new TandemError("bad-data", what);
  const held = modalitiesOf(info.modality);
  if (!held.includes(images ? "image" : "text"))
    throw bad(`This model reads no ${images ? "pictures" : "texts"}.`);
  const size = images ? images.shape[0] : captions.length;
  if (!(size >= 1)) throw bad("There is no sample: give at least one.");
  if (size > limits.samples)
    throw new TandemError("too-large", `${size} samples at once: give at most ${limits.samples}.`);
  const side = info.pictures?.size ?? 0;
  const wanted = [size, side, side, 3];
  if (
    images &&
    (String(images.shape) !== String(wanted) || images.data.length !== size * side * side * 3)
  )
    throw bad(`Pictures of shape [${images.shape}]: this model reads [${wanted}].`);
  const long = captions?.find((text) => text.length > limits.text);
  if (long !== undefined)
    throw new TandemError(
      "too-large",
      `A text of ${long.length} characters: give at most ${limits.text}.`,
    );
  return { size, labels: new Int32Array(size), ...(images ? { images } : { captions }) };
}

function softmaxRows({ shape, data }: TensorOf<"f32">): TensorOf<"f32"> {
  const [count, classes] = shape;
  const out = new Float32Array(data.length);
  for (let row = 0; row < count; row++) {
    const own = data.subarray(row * classes, (row + 1) * classes);
    const top = Math.max(...own);
    const shares = own.map((logit) => Math.exp(logit - top));
    const sum = shares.reduce((a, b) => a + b, 0);
    out.set(
      shares.map((share) => share / sum),
      row * classes,
    );
  }
  return f32(shape, out);
}
