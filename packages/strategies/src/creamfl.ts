import { type Modality, modalitiesOf } from "@tandem/core/data";
import type { ModelOutput, Predictions, TrainingBatch } from "@tandem/core/model";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type {
  FitContext,
  ServerEnv,
  ServerHalf,
  ServerStep,
  Strategy,
} from "@tandem/core/strategy";
import { addPrefix, arrayOf, f32, underPrefix } from "@tandem/core/tensor";
import { matrixTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { contrastScores } from "./aggregation/contrast";
import { keepUpload, keptUploads, union } from "./aggregation/kept-uploads";
import { dot, matrix, mean, normalise, type Rows, rowsOf } from "./aggregation/rows";
import { expectUnitRows } from "./aggregation/upload-checks";
import { addDescription, meanDescriptions, noDescriptions } from "./aggregation/weighted-answers";
import { integer, localTraining, real, syntheticSet } from "./config-fields";
import { firstStudent } from "./synthetic-set/first-student";
import { headTemperatures } from "./synthetic-set/head-temperatures";
import { askAbout, galleryOf, paintedSet, paintSet } from "./synthetic-set/painted-set";
import { askedSet, asLabelledSet } from "./synthetic-set/remembered-sets";
import { evaluateOnTest, trainLocally, trainOnSet } from "./training/client-steps";
import { interModalContrast, intraModalContrast } from "./training/losses";

const { items, samplingSteps, guidance, colours, calibration } = syntheticSet;
const config = z.strictObject({
  ...localTraining,
  items,
  samplingSteps,
  guidance,
  colours,
  calibration,
  transferEpochs: integer(
    { value: 5, from: 0, to: 50 },
    "Contrast epochs",
    "How often a client goes through the round's synthetic set, to bring its representations close to the server's.",
  ),
  interModal: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of inter-modal contrast",
    "How much a client moves its representation of an item towards the server's of the same item in the other modality. 0: not at all.",
  ),
  intraModal: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of intra-modal contrast",
    "How much a client moves its representation of an item towards the server's in the same modality, and away from its own before the round. 0: not at all.",
  ),
  contrastTemperature: real(
    { value: 0.5, from: 0.01, to: 10 },
    "Contrast temperature",
    "How soft both contrasts are: smaller values only count the closest wrong items (τ).",
  ),
  scoreTemperature: real(
    { value: 1, from: 0.01, to: 10 },
    "Score temperature",
    "How evenly the clients' representations of an item are weighted: smaller values favour those that match its other modality best.",
  ),
  studentEpochs: integer(
    { value: 1, from: 0, to: 50 },
    "Student epochs",
    "How often the server's own small model goes through the public and the synthetic set in each round.",
  ),
});
type CreamflConfig = z.infer<typeof config>;

/**
 * Representations of a public set of pairs, weighted by how well they match the server's of the other
 * modality, teach the server's model; its representations are what clients contrast with. The public
 * set is what the teacher's base paints, anew each round, and an item's only positive is itself. The
 * server's model is the platform's student: contrast on real pairs and distillation share an epoch.
 */
export const creamfl: Strategy<CreamflConfig> = {
  name: "creamfl",
  title: "CreamFL",
  summary:
    "Clients upload their representations of synthetic pictures and captions; the server's model learns from the best-matching ones and gives its own back.",
  source: "Yu et al., ICLR 2023, arXiv 2302.08888 (https://github.com/FLAIR-THU/CreamFL)",
  disclosure:
    "For each synthetic picture or caption of a round: your model's description of it as a list of numbers. Your model's weights stay, and so does what it takes the items for.",
  needs: { teacher: true, equalArchitectures: false, modalities: ["image", "text"] },
  config,
  server: creamflServer,
  client: (config) => ({
    async fit(context, instruction) {
      const { model, trainer, signal } = context;
      const asked = askedSet(instruction);
      const set = asLabelledSet(asked);
      const before = await trainer.predict(model, set, signal);
      const loss = await trainLocally(context, config);
      await contrast(context, config, instruction, before);
      context.progress("extract", 0);
      const after = await trainer.predict(model, set, signal);
      context.progress("extract", 1);
      const said = modalitiesOf(model.modality).map((modality) => `z/${modality}`);
      const temperatures = await headTemperatures(context, config, asked);
      return {
        update: {
          arrays: addPrefix("z/", after.z),
          meta: { set: asked.set },
          encoding: Object.fromEntries(said.map((name) => [name, "i8-rows"])),
        },
        memory: emptyPayload,
        metrics: { loss, ...(await evaluateOnTest(context, temperatures)) },
      };
    },
  }),
};

/** All N rows (N, d) of each modality. */
type RowTensors = Readonly<Partial<Record<Modality, tf.Tensor2D>>>;

async function contrast(
  context: FitContext,
  config: CreamflConfig,
  instruction: Payload,
  before: Predictions,
): Promise<void> {
  const given = (modality: Modality) =>
    matrixTensor(arrayOf(instruction.arrays, `g/${modality}`, "f32"));
  const g = { image: given("image"), text: given("text") };
  const old: RowTensors = Object.fromEntries(
    Object.entries(before.z).map(([modality, rows]) => [modality, matrixTensor(rows)]),
  );
  try {
    const set = asLabelledSet(askedSet(instruction));
    await trainOnSet(context, config, set, (output, batch) =>
      contrastLoss(config, { g, old }, output, batch),
    );
  } finally {
    tf.dispose([g, old] as tf.TensorContainer);
  }
}

/** Inter- and intra-modal contrast with the server's rows g, summed over the client's modalities. */
export function contrastLoss(
  config: Pick<CreamflConfig, "interModal" | "intraModal" | "contrastTemperature">,
  { g, old }: { readonly g: Required<RowTensors>; readonly old: RowTensors },
  output: Pick<ModelOutput, "z">,
  { indices }: Pick<TrainingBatch, "indices">,
): tf.Scalar {
  const at = tf.tensor1d(indices, "int32");
  const itself = tf.cast(tf.oneHot(at, g.image.shape[0]), "float32") as tf.Tensor2D; // (B, N)
  const tau = config.contrastTemperature;
  const terms = (Object.keys(output.z) as Modality[]).flatMap((modality) => {
    const [rows, past] = [output.z[modality], old[modality]];
    if (!rows || !past) return [];
    const others = modality === "image" ? g.text : g.image;
    const inter = interModalContrast(rows, others, itself, tau);
    const intra = intraModalContrast(rows, tf.gather(g[modality], at), tf.gather(past, at), tau);
    return [tf.mul(config.interModal, inter), tf.mul(config.intraModal, intra)];
  });
  return tf.addN(terms as tf.Scalar[]);
}

/** State: images, student/…, g/…, and after the uploads fused/… of the round's set. */
function creamflServer(config: CreamflConfig): ServerHalf {
  return {
    init: async () => emptyPayload,
    prepare: (state, env) => prepare(config, state, env),
    instruct(state, client) {
      const asked = askAbout(state, client);
      return {
        ...asked,
        arrays: { ...asked.arrays, ...addPrefix("g/", underPrefix("g/", state.arrays)) },
        encoding: { ...asked.encoding, "g/image": "i8-rows", "g/text": "i8-rows" },
      };
    },
    outline({ arrays, meta }, { modality }) {
      const described = modalitiesOf(modality).map((m) => {
        const { shape } = arrays[`g/${m}`];
        return [`z/${m}`, { dtype: "f32", shape }] as const;
      });
      return { arrays: Object.fromEntries(described), meta: { set: paintedSet({ meta }).set } };
    },
    check({ modality }, { arrays }) {
      for (const m of modalitiesOf(modality)) expectUnitRows(`z/${m}`, rowsOf(arrays, `z/${m}`));
    },
    keeps: { part: "all", what: "every answer: an item's weights are shares of its best" },
    accumulate: keepUpload,
    merge: union,
    conclude: async (state, accumulator) => conclude(config, state, accumulator),
    teach: (state, env) => teach(config, state, env),
    gallery: (state) => galleryOf(state),
  };
}

/** Paints the round's set, and lets the student look at it. */
async function prepare(config: CreamflConfig, state: Payload, env: ServerEnv): Promise<ServerStep> {
  const { teacher, signal, progress } = env;
  const task = { signal, progress };
  const { images, meta } = await paintSet(config, env);
  let student = underPrefix("student/", state.arrays);
  if (Object.keys(student).length === 0) student = await firstStudent(env);
  const g = await teacher.encode({ student, images, captions: meta.captions }, task);
  if (!g.image || !g.text) throw new Error("the student answers for both modalities");
  const seen = { images, "g/image": g.image.z, "g/text": g.text.z };
  return {
    state: {
      arrays: { ...addPrefix("student/", student), ...seen },
      meta,
      encoding: { images: "png" },
    },
    metrics: {},
  };
}

/** Σ_k softmax_k(s_{k,i}) z_{k,i} of each modality, with s against the server's other one. */
function conclude(config: CreamflConfig, state: Payload, accumulator: Payload): ServerStep {
  const uploads = keptUploads(accumulator);
  const fuse = (modality: Modality): Rows => {
    const g = arrayOf(state.arrays, `g/${modality}`, "f32");
    const others = arrayOf(state.arrays, modality === "image" ? "g/text" : "g/image", "f32");
    const itself = Array.from({ length: g.shape[0] }, (_, i) => i);
    const clients = uploads
      .filter(({ uploader }) => modalitiesOf(uploader.modality).includes(modality))
      .map(({ arrays }) => {
        const z = arrayOf(arrays, `z/${modality}`, "f32");
        return { z, scores: contrastScores(z, others, itself, config.scoreTemperature) };
      });
    const best = itself.map((i) =>
      clients.reduce((most, { scores }) => Math.max(most, scores[i]), -Infinity),
    );
    const sums = noDescriptions(g.shape);
    for (const { z, scores } of clients)
      addDescription(sums, {
        z,
        // However far apart they are, the best counts 1.
        scores: scores.map((score, i) => score - best[i]),
        reliability: itself.map(() => 1),
        age: 0,
      });
    // Where no client answers the student's rows stand, and it has nothing to learn in this modality.
    return meanDescriptions(sums, { z: g, scores: itself.map(() => 0), weight: 0 });
  };
  const [image, text] = [fuse("image"), fuse("text")];
  const match = image.map((row, i) => dot(normalise(row), normalise(text[i])));
  const arrays = { ...state.arrays, "fused/image": matrix(image), "fused/text": matrix(text) };
  return {
    state: { ...state, arrays },
    metrics: { "fused/match": mean(match) },
  };
}

/** The student learns public pairs and classes, and the fused rows; class probabilities it is not told. */
async function teach(config: CreamflConfig, state: Payload, env: ServerEnv): Promise<ServerStep> {
  const { teacher, rng, signal, progress } = env;
  const { captions, classes } = paintedSet(state);
  const rows = captions.length;
  const { student, loss } = await teacher.distil(
    {
      student: underPrefix("student/", state.arrays),
      knowledge: {
        images: arrayOf(state.arrays, "images", "u8"),
        captions,
        imageTarget: arrayOf(state.arrays, "fused/image", "f32"),
        textTarget: arrayOf(state.arrays, "fused/text", "f32"),
        probabilities: f32([rows, classes], new Float32Array(rows * classes)),
        weights: new Array<number>(rows).fill(1),
      },
      epochs: config.studentEpochs,
      learningRate: 1e-3,
      seed: rng.fork("student").integer(2 ** 31),
    },
    { signal, progress },
  );
  const arrays = { ...state.arrays, ...addPrefix("student/", student) };
  return { state: { ...state, arrays }, metrics: { "loss/student": loss } };
}
