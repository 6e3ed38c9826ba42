// First: registering gradients twice reads a flag that this module declares.
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { type BackendName, type Candidate, chooseBackend, type Engine } from "./choose-backend";
import { registerComposedKernels } from "./kernels";
import { registerWebgpuKernels } from "./webgpu-kernels";

type Adapter = {
  readonly info?: { readonly isFallbackAdapter?: boolean };
  readonly isFallbackAdapter?: boolean;
};
type Gpu = { requestAdapter(): Promise<Adapter | null> };

/** Brings tfjs up in a page or a dedicated worker; only what is tried is loaded. */
export function startBrowserEngine(options: {
  /** URL prefix of the three `.wasm` files. */
  readonly wasmPath: string;
  readonly prefer?: BackendName | undefined;
  readonly avoid?: readonly BackendName[] | undefined;
  readonly gpu?: Gpu | undefined;
}): Promise<Engine> {
  const { wasmPath, prefer, avoid, gpu } = options;
  const candidates: readonly Candidate[] = [
    {
      backend: "webgpu",
      async prepare(forced) {
        const adapter = await gpu?.requestAdapter();
        if (!adapter) return "this browser offers no WebGPU adapter";
        const software = adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter;
        if (software && !forced) return "the WebGPU adapter is software, slower than wasm";
        await import("@tensorflow/tfjs-backend-webgpu");
        registerWebgpuKernels();
        return undefined;
      },
    },
    {
      backend: "webgl",
      async prepare(forced) {
        const renderer = webglRenderer();
        if (!renderer) return "this browser offers no WebGL";
        if (!forced && /swiftshader|llvmpipe|software|basic render/i.test(renderer))
          return `the WebGL renderer is software (${renderer})`;
        await import("@tensorflow/tfjs-backend-webgl");
        return undefined;
      },
    },
    {
      backend: "wasm",
      async prepare() {
        const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
        // Its threads start from the source text of a function, which bundlers rename.
        tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
        setWasmPaths(wasmPath);
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
  return chooseBackend(candidates, { prefer, avoid, now: () => performance.now() }).then(
    (engine) => {
      if (engine.backend === "webgpu") failWithDevice();
      if (engine.backend === "webgl") failWithContext();
      return engine;
    },
  );
}

type GpuDevice = EventTarget & { readonly lost: Promise<{ readonly message: string }> };
type ErrorEvent = Event & { readonly error: { readonly message: string } };

/** Neither a lost device nor a shader that cannot run rejects anything: the worker has to stop instead. */
function failWithDevice(): void {
  const { device } = tf.backend() as unknown as { readonly device: GpuDevice };
  device.lost.then(({ message }) => stop(`WebGPU: the device was lost. ${message}`));
  device.addEventListener("uncapturederror", (event) => {
    stop(`WebGPU: ${(event as ErrorEvent).error.message}`);
  });
}

type WebglBackend = { readonly gpgpu: { readonly gl: { readonly canvas: EventTarget } } };

/** What is read from a lost context is nothing, and no error. */
function failWithContext(): void {
  const { gl } = (tf.backend() as unknown as WebglBackend).gpgpu;
  gl.canvas.addEventListener("webglcontextlost", () => stop("WebGL: the context was lost."));
}

function stop(message: string): void {
  setTimeout(() => {
    throw new Error(message);
  });
}

function webglRenderer(): string | undefined {
  const context = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!context) return undefined;
  const info = context.getExtension("WEBGL_debug_renderer_info");
  return String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER));
}
