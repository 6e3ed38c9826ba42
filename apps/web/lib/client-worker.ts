import { createRng } from "@tandem/core/rng";
import * as tf from "@tensorflow/tfjs-core";

postMessage(`tf ${tf.version_core} ${createRng(1).uniform()} ${self.crossOriginIsolated}`);
