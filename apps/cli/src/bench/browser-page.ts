import { trainsEncoder } from "@tandem/core/model";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startBrowserEngine } from "@tandem/engine/browser";
import { architectureNamed, createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { crossEntropy } from "@tandem/strategies/training/losses";
import * as tf from "@tensorflow/tfjs-core";
import { ownCnn } from "./own-cnn";

/** What `startBrowserEngine` can prefer. */
export type BrowserBackend = "webgpu" | "webgl" | "wasm" | "cpu";

export type BenchPage = {
  /** Brings the backend up, or throws; a page can do this once. Resolves with what computes. */
  readonly start: (backend: BrowserBackend) => Promise<string>;
  /** Milliseconds of a training step, the mean over the eight of an epoch. */
  readonly step: (architecture: string, batchSize: number) => Promise<number>;
};

type Gpu = NonNullable<Parameters<typeof startBrowserEngine>[0]["gpu"]>;
type Info = {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
};

const [steps, side, classes] = [8, 32, 8];
const words = Array.from({ length: 200 }, (_, i) => `word${i}`);
const vocabulary = { words, buckets: 56 };
const tokenizer = createTokenizer(vocabulary);
const trainer = createTrainer({ tokenizer });
const models = new Map<string, ReturnType<typeof createModel>>();

async function deviceOf(backend: BrowserBackend): Promise<string> {
  if (backend === "webgpu") {
    const { gpu } = navigator as unknown as { readonly gpu: Gpu }; // WebGPU is up
    const adapter = (await gpu.requestAdapter()) as { readonly info?: Info } | null;
    const { vendor, architecture, description } = adapter?.info ?? ({} as Partial<Info>);
    return [vendor, architecture, description].filter(Boolean).join(" ");
  }
  if (backend !== "webgl") return "processor, 1 thread";
  const gl = document.createElement("canvas").getContext("webgl2");
  const extension = gl?.getExtension("WEBGL_debug_renderer_info");
  return String(gl && extension && gl.getParameter(extension.UNMASKED_RENDERER_WEBGL));
}

const page: BenchPage = {
  async start(backend) {
    const { gpu } = navigator as { gpu?: Gpu };
    await startBrowserEngine({ wasmPath: "/tfjs/", prefer: backend, gpu });
    return deviceOf(backend);
  },
  async step(architecture, batchSize) {
    const model =
      models.get(architecture) ??
      createModel({
        architecture,
        classes,
        vocabularySize: tokenizer.size,
        imageSize: side,
        seed: 1,
        ...(trainsEncoder(architecture) && { encoder: (await ownCnn(side)).make }),
      });
    models.set(architecture, model);
    const size = steps * batchSize;
    const rng = createRng(1);
    const { modality } = architectureNamed(architecture);
    const pixels = Uint8Array.from({ length: size * side * side * 3 }, () => rng.integer(256));
    const caption = () => Array.from({ length: 8 }, () => words[rng.integer(words.length)]);
    const start = performance.now();
    await trainer.train({
      model,
      set: {
        size,
        labels: Int32Array.from({ length: size }, () => rng.integer(classes)),
        ...(modality !== "text" && { images: u8([size, side, side, 3], pixels) }),
        ...(modality !== "image" && {
          captions: Array.from({ length: size }, () => caption().join(" ")),
        }),
      },
      epochs: 1,
      batchSize,
      learningRate: 0.001,
      rng,
      loss: ({ logits }, { labels }) =>
        tf.addN(Object.values(logits).map((scores) => crossEntropy(scores, labels))) as tf.Scalar,
    });
    return (performance.now() - start) / steps;
  },
};
Object.assign(globalThis, page);
