import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Candidate, chooseBackend, type Engine } from "./choose-backend";
import { registerComposedKernels } from "./kernels";

const require = createRequire(import.meta.url);
// Its files import folders, which Node resolves for `require` alone.
require("@tensorflow/tfjs-core/dist/register_all_gradients");

/** Brings tfjs up in Node or one of its workers: wasm, one thread, or the slow cpu backend. */
export function startNodeEngine(
  options: { readonly prefer?: "wasm" | "cpu" } = {},
): Promise<Engine> {
  const candidates: readonly Candidate[] = [
    {
      backend: "wasm",
      async prepare() {
        const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
        setWasmPaths(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")), "/"));
        registerComposedKernels("wasm");
        return undefined;
      },
    },
    {
      backend: "cpu",
      isLastResort: true,
      async prepare() {
        await import("@tensorflow/tfjs-backend-cpu");
        registerComposedKernels("cpu");
        return undefined;
      },
    },
  ];
  return chooseBackend(candidates, { prefer: options.prefer, now: () => performance.now() });
}
