import { serverAddress } from "@tandem/client/tab/server-address";
import { lazily } from "@tandem/core/lazily";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import type { PageToEncoder } from "./messages";
import { serveEncoder } from "./serve-encoder";

// The records that the worker which trains reads. tfjs comes for what is brought alone.
const store = lazily(() => openIndexedDbClientStore("tandem"));
const tools = lazily(async () => {
  const [{ startBrowserEngine }, { onCpu }, { checkEncoder }] = await Promise.all([
    import("@tandem/engine/browser"),
    import("@tandem/engine/reference"),
    import("./check-encoder"),
  ]);
  // What every browser has; whoever trains asks again of the backend that it trains with.
  await startBrowserEngine({ wasmPath: `${serverAddress()}/tfjs/`, prefer: "wasm" });
  return { checkEncoder, onCpu };
});
const serve = serveEncoder(store.get, async (files, options) => {
  const { checkEncoder, onCpu } = await tools.get();
  return checkEncoder(files, options, onCpu);
});
self.addEventListener("message", async ({ data }: MessageEvent<PageToEncoder & { id: number }>) =>
  self.postMessage(await serve(data)),
);
