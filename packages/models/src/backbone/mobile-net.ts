import { MobileNetV2Model } from "nsfwjs/models/mobilenet_v2";

/** Which layer of it the features are, and how it is fed. */
export const mobileNet = { layer: "flatten_1", normalisation: "0..1" } as const;

/** MobileNetV2 for 224 pixels, of npm's nsfwjs (MIT), as the files of a model's folder. */
export async function mobileNetFiles(): Promise<Readonly<Record<string, Uint8Array>>> {
  const { modelJson, weightBundles } = MobileNetV2Model;
  // They are scripts there: `default` is the JSON, and of the weights base64.
  const { default: manifest } = (await modelJson()) as unknown as { readonly default: Manifest };
  const paths = manifest.weightsManifest.flatMap((group) => group.paths);
  const weights = await Promise.all(
    paths.map(async (path, i) => {
      const { default: text } = (await weightBundles[i]()) as unknown as {
        readonly default: string;
      };
      return [path, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))] as const;
    }),
  );
  const json = new TextEncoder().encode(JSON.stringify(manifest));
  return { "model.json": json, ...Object.fromEntries(weights) };
}

type Manifest = { readonly weightsManifest: readonly { readonly paths: readonly string[] }[] };
