import type { BackboneReference } from "@tandem/core/task";
import { startBrowserEngine } from "@tandem/engine/browser";
import { onCpu } from "@tandem/engine/reference";
import { openBackbone } from "@tandem/models/backbone/backbone";
import { featuresOf } from "@tandem/models/backbone/features";
import * as tf from "@tensorflow/tfjs-core";
import { pictures } from "./backbone-pictures";

export type BackbonePage = {
  /** Of the pictures by the backbone that is pinned; a page can do this once. */
  readonly features: (
    backend: "wasm" | "webgl",
    pinned: BackboneReference,
  ) => Promise<{ readonly values: readonly number[]; readonly leakedTensors: number }>;
};

const page: BackbonePage = {
  async features(backend, pinned) {
    await startBrowserEngine({ wasmPath: "/tfjs/", prefer: backend });
    const before = tf.memory().numTensors;
    const backbone = await openBackbone(pinned, { base: location.href, reference: onCpu });
    const { data } = await featuresOf(backbone, pictures);
    backbone.dispose();
    return { values: Array.from(data), leakedTensors: tf.memory().numTensors - before };
  },
};
Object.assign(globalThis, page);
