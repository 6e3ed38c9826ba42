import * as tf from "@tensorflow/tfjs";

/** Opens a model's two files as tfjs does those that it downloads. */
export function loadPlain(files: Readonly<Record<string, Uint8Array>>): Promise<tf.LayersModel> {
  const json: tf.io.ModelJSON = JSON.parse(new TextDecoder().decode(files["model.json"]));
  return tf.loadLayersModel({
    load: async () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest) => {
        const parts = manifest.flatMap(({ paths }) => paths).map((path) => files[path]);
        const specs = manifest.flatMap(({ weights }) => weights);
        return [specs, tf.io.CompositeArrayBuffer.join(parts.map((part) => part.slice().buffer))];
      }),
  });
}
