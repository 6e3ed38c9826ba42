import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";

/** What `tf.loadLayersModel` opens: the names of both files are part of it. */
export const layersFileNames = { model: "model.json", weights: "weights.bin" } as const;

/** A tfjs model as its two files; the same model gives the same bytes. */
export async function layersFiles(
  model: LayersModel,
): Promise<Readonly<Record<string, Uint8Array>>> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  if (!saved?.weightData || !saved.weightSpecs) throw new Error(`${model.name} was not saved`);
  const { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy } = saved;
  const manifest = [{ paths: [layersFileNames.weights], weights: weightSpecs }];
  const json = { format, generatedBy, convertedBy, modelTopology, weightsManifest: manifest };
  return {
    [layersFileNames.model]: new TextEncoder().encode(JSON.stringify(json)),
    [layersFileNames.weights]: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
  };
}
