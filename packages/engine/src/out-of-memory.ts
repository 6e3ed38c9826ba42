import { messageOf } from "@tandem/core/errors";

/**
 * Whether an allocation has failed, in the words of V8, Emscripten, WebGL or WebGPU. SpiderMonkey and
 * JavaScriptCore say "out of memory" as well.
 */
export const isOutOfMemory = (error: unknown): boolean =>
  /out of memory|outofmemory|allocation failed|memory access out of bounds|aborted\(oom|unable to create webgl ?texture|context_lost/i.test(
    messageOf(error),
  );
