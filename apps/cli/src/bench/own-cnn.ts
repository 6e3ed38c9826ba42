import { type LayersEncoder, layersEncoder } from "@tandem/models/backbone/layers-encoder";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";

/** cnn-small as Keras would have it: three strided convolutions with batch norms, and the mean. */
export async function ownCnn(side: number): Promise<LayersEncoder> {
  const model = sequential();
  for (const [i, filters] of [16, 32, 64].entries()) {
    const convolution = {
      filters,
      kernelSize: 3,
      strides: 2,
      padding: "same",
      useBias: false,
    } as const;
    model.add(layers.conv2d({ ...convolution, ...(i === 0 && { inputShape: [side, side, 3] }) }));
    model.add(layers.batchNormalization());
    model.add(layers.reLU());
  }
  model.add(layers.globalAveragePooling2d({}));
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs = [], weightData = [] } = saved ?? {};
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  return layersEncoder(
    {
      format: "layers",
      topology: modelTopology as object,
      specs: weightSpecs,
      weights,
      bytes: weights.length,
      sha256: "",
    },
    { normalisation: "-1..1" },
  );
}
