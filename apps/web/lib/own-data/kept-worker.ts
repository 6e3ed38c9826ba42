import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import type { PageToKeeper } from "./kept-messages";
import { serveKept } from "./serve-kept";

// The records that the worker which trains reads.
const serve = serveKept(() => openIndexedDbClientStore("tandem"));
self.addEventListener("message", async ({ data }: MessageEvent<PageToKeeper>) =>
  self.postMessage(await serve(data)),
);
