import { startBrowserEngine } from "@tandem/engine/browser";
import * as tf from "@tensorflow/tfjs-core";
import { type Probe, probe } from "./engine-probe";

export type EnginePage = {
  /** Brings the backend up, or throws; a page can do this once. */
  readonly probeBackend: (backend: "wasm" | "webgpu" | "webgl") => Promise<Probe>;
};

const page: EnginePage = {
  async probeBackend(backend) {
    const { gpu } = navigator as { gpu?: Parameters<typeof startBrowserEngine>[0]["gpu"] };
    await startBrowserEngine({ wasmPath: "/tfjs/", prefer: backend, gpu });
    // Small tensors would stay on the CPU, and no shader would be tried.
    if (backend === "webgpu") tf.env().set("WEBGPU_CPU_FORWARD", false);
    if (backend === "webgl") tf.env().set("WEBGL_CPU_FORWARD", false);
    return probe();
  },
};
Object.assign(globalThis, page);
