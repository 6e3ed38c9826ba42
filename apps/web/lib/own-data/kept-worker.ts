import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import type { PageToKeeper } from "./kept-messages";
import { serveKept } from "./serve-kept";

// The records that the worker which trains reads.
const serve = serveKept(() => openIndexedDbClientStore("tandem"));
// One tab at a time: what is written depends on what was there.
self.addEventListener("message", ({ data }: MessageEvent<PageToKeeper & { id: number }>) =>
  navigator.locks.request("own-data", async () => self.postMessage(await serve(data))),
);
