import { type Modality, modalitiesOf } from "@tandem/core/data";
import type { TrainingBatch } from "@tandem/core/model";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { Rng } from "@tandem/core/rng";
import type { FitContext, ServerEnv, ServerHalf, Strategy } from "@tandem/core/strategy";
import { type Arrays, addPrefix, type TensorOf, underPrefix } from "@tandem/core/tensor";
import { type Tensors, tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { sharedClassShares } from "./aggregation/class-means";
import { fromFixedPoint, mergeSums, toFixedPoint } from "./aggregation/fixed-point";
import {
  accumulateHeads,
  checkHeads,
  groupsOf,
  headGroup,
  headNames,
  headsFor,
  headsOf,
  headsOutline,
  renewHeads,
} from "./aggregation/heads";
import { claimedSamples, expectProbabilities } from "./aggregation/upload-checks";
import { integer, localTraining, real } from "./config-fields";
import { evaluateOnTest, localLoss, trainLocally } from "./training/client-steps";
import { crossEntropy } from "./training/losses";
import { frozen, initialNet, optimise, runFrozen, runNet } from "./training/small-net";

const noiseWidth = 32;

const config = z.strictObject({
  ...localTraining,
  generated: real(
    { value: 1, from: 0, to: 10 },
    "Weight of generated features",
    "How much a client's last layer learns from the features that the server's generator makes. 0: not at all.",
  ),
  generatorSteps: integer(
    { value: 100, from: 0, to: 1000 },
    "Generator steps",
    "Steps in which the server trains its generator in each round.",
  ),
  generatorRate: real(
    { value: 0.1, from: 0.00001, to: 1 },
    "Generator rate",
    "Step size of the generator's training (Adam).",
  ),
  generatorWidth: integer(
    { value: 512, from: 8, to: 2048 },
    "Generator width",
    "Units in the hidden layer of the generator.",
  ),
});
type FedgenConfig = z.infer<typeof config>;

/**
 * LG-FedAvg with a generator of features for each group of heads: the server trains it so that the
 * clients' heads together see the class that it was asked for, and clients train their heads on it.
 * Labels are drawn from the classes of those whose heads are in the group.
 */
export const fedgen: Strategy<FedgenConfig> = {
  name: "fedgen",
  title: "FedGen",
  summary:
    "The server averages the clients' last layers and learns a generator of features from them, on which clients train as well.",
  source: "Zhu et al., arXiv 2105.10056; HtFLlib, servergen (https://github.com/TsingZ0/HtFLlib)",
  disclosure:
    "The weights of the last layer of your model, after every round, and what share of your samples each class of which you hold five or more has, and with it which classes these are. All other layers stay.",
  needs: {
    teacher: false,
    equalArchitectures: false,
    modalities: ["image", "text"],
    trainsOnServer: true,
  },
  config,
  server: fedgenServer,
  client: (config) => ({
    async fit(context, instruction) {
      const { model, client, data, classes } = context;
      model.load({ ...(await model.weights()), ...underPrefix("heads/", instruction.arrays) });
      const task = localLoss(context, config);
      const told = generatorsOf(instruction);
      const rng = context.rng.fork("generated");
      try {
        const loss = await trainLocally(context, config, {
          loss: (output, batch) =>
            tf.add(
              task(output, batch),
              tf.mul(config.generated, generatedLoss(context, told, batch, rng)),
            ),
        });
        const arrays = {
          ...headsOf(await model.weights(), client),
          shares: sharedClassShares(data.labels, classes.length),
        };
        const metrics = { loss, ...(await evaluateOnTest(context)) };
        return { update: { arrays, meta: {} }, memory: emptyPayload, metrics };
      } finally {
        for (const { net } of told) tf.dispose(net as tf.NamedTensorMap);
      }
    },
  }),
};

/** A generator without batch norm, and the shares of the classes to ask it for. */
type Generator = {
  readonly modality: Modality;
  readonly net: Tensors;
  readonly shares: ArrayLike<number>;
};

/** Of the instruction; none before the first heads. The caller owns the nets. */
const generatorsOf = ({ arrays }: Payload): readonly Generator[] =>
  (["image", "text"] as const).flatMap((modality) => {
    const { shares, ...net } = underPrefix(`generator/${modality}/`, arrays);
    return shares ? [{ modality, net: tensorsOf(net), shares: shares.data }] : [];
  });

/** CE(head(G(y')), y') with as many y' as the batch has samples; mean over modalities. */
function generatedLoss(
  { model, classes }: FitContext,
  told: readonly Generator[],
  { labels }: TrainingBatch,
  rng: Rng,
): tf.Scalar {
  const losses = told.map(({ modality, net, shares }) => {
    const asked = drawClasses(shares, labels.size, rng);
    const features = runFrozen(net, generatorInput(asked, classes.length, rng));
    const [weight, bias] = headNames(modality).map((name) => model.variables[name]);
    return crossEntropy(headLogits(features, { weight, bias }), tf.tensor1d(asked, "int32"));
  });
  return losses.length > 0 ? tf.div(tf.addN(losses), losses.length) : tf.scalar(0);
}

/** (B, w) x (w, C) + (C,) */
const headLogits = (features: tf.Tensor2D, { weight, bias }: Tensors): tf.Tensor2D =>
  tf.add(tf.matMul(features, weight as tf.Tensor2D), bias);

/** Classes with these probabilities. */
export function drawClasses(shares: ArrayLike<number>, count: number, rng: Rng): Int32Array {
  return Int32Array.from({ length: count }, () => {
    let left = rng.uniform();
    let c = 0;
    while (c < shares.length - 1 && left >= shares[c]) left -= shares[c++];
    return c;
  });
}

/** Rows (B, 32 + C) of uniform noise, as in the code, and of the class's one-hot. */
const generatorInput = (asked: Int32Array, classes: number, rng: Rng): tf.Tensor2D => {
  const width = noiseWidth + classes;
  const values = Float32Array.from({ length: asked.length * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return column < noiseWidth ? rng.uniform() : Number(column - noiseWidth === asked[row]);
  });
  return tf.tensor2d(values, [asked.length, width]);
};

/**
 * State: `<group>:…` mean heads, `net <group>:…` generators, `frozen <group>:…` what clients get of
 * them. Heads are linear, so what they say together, Σ_k w_k head_k(x), is what their mean says.
 */
function fedgenServer(config: FedgenConfig): ServerHalf {
  return {
    init: async ({ classes }) => ({ arrays: {}, meta: { classes: classes.length, widths: {} } }),
    instruct: (state, client) => ({
      arrays: Object.assign(
        addPrefix("heads/", headsFor(state, client)),
        ...groupsOf(state, client).map(({ modality, group }) =>
          addPrefix(`generator/${modality}/`, underPrefix(`frozen ${group}:`, state.arrays)),
        ),
      ) as Arrays,
      meta: {},
    }),
    outline: (state, client) => ({
      arrays: {
        ...headsOutline(state, client),
        shares: { dtype: "f32", shape: [state.meta.classes as number] }, // by `init`
      },
      meta: {},
    }),
    check(client, update) {
      checkHeads(client, update);
      expectProbabilities("shares", [update.arrays.shares.data as Float32Array]);
    },
    accumulate(accumulator, update) {
      const heads = accumulateHeads(accumulator, update);
      const { client, payload } = update;
      const labels = modalitiesOf(client.modality).map((modality) => {
        const [width] = payload.arrays[`${modality}.head.weight`].shape;
        const counted = toFixedPoint(payload.arrays.shares, claimedSamples(client));
        return [`labels ${headGroup(modality, width)}`, counted] as const;
      });
      return mergeSums(heads, { arrays: Object.fromEntries(labels), meta: {} });
    },
    merge: mergeSums,
    async conclude(state, sums, env) {
      let next = renewHeads(state, sums);
      const metrics: Record<string, number> = {};
      for (const name of Object.keys(underPrefix("labels ", sums.arrays)).sort()) {
        const samples = sums.meta[`samples ${name}`] as number; // by `accumulateHeads`
        const shares = fromFixedPoint(sums.arrays[`labels ${name}`], samples);
        const { arrays, loss } = await trainGenerator(config, next.arrays, { name, shares }, env);
        next = { ...next, arrays: { ...next.arrays, ...arrays } };
        metrics[`loss/generator/${name.replace(" ", "-")}`] = loss;
      }
      return { state: next, metrics };
    },
  };
}

/** CE(Σ_k w_k head_k(G(y)), y) for labels y with the pooled shares of the group. */
async function trainGenerator(
  config: FedgenConfig,
  known: Arrays,
  group: { readonly name: string; readonly shares: TensorOf<"f32"> },
  { rng, signal, progress }: ServerEnv,
): Promise<{ readonly arrays: Arrays; readonly loss: number }> {
  const { name, shares } = group;
  const [outputs, classes] = known[`${name}:weight`].shape;
  const size = { inputs: noiseWidth + classes, hidden: config.generatorWidth, outputs };
  const before = underPrefix(`net ${name}:`, known);
  const fresh = () => initialNet(size, rng.fork(`net/${name}`));
  const draws = rng.fork(`generator/${name}`);
  const head = tensorsOf(underPrefix(`${name}:`, known));
  let last = 0;
  try {
    const net = await optimise(Object.keys(before).length > 0 ? before : fresh(), {
      steps: config.generatorSteps,
      learningRate: config.generatorRate,
      loss: (variables) => {
        const asked = drawClasses(shares.data, config.batchSize, draws);
        const features = runNet(variables, generatorInput(asked, classes, draws));
        return crossEntropy(headLogits(features, head), tf.tensor1d(asked, "int32"));
      },
      signal,
      onStep(done, loss) {
        last = loss;
        progress(done / config.generatorSteps, `training the generator for ${name}`);
      },
    });
    const asked = drawClasses(shares.data, 512, draws);
    const generator = await frozen(net, () => generatorInput(asked, classes, draws));
    const arrays = {
      ...addPrefix(`net ${name}:`, net),
      ...addPrefix(`frozen ${name}:`, { ...generator, shares }),
    };
    return { arrays, loss: last };
  } finally {
    tf.dispose(head as tf.NamedTensorMap);
  }
}
