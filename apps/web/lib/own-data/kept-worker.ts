import type { LenderToWorker } from "@tandem/client/messages";
import { createLentStore } from "@tandem/client/tab/lent-store";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import type { PageToKeeper } from "./kept-messages";
import { serveKept } from "./serve-kept";

const lent = createLentStore((change) => self.postMessage(change));
// The records that the worker which trains reads.
const serve = serveKept(() => openIndexedDbClientStore("tandem"), lent);

/** One tab at a time: what is written depends on what was there. Where locks are denied, so is what tabs share. */
const alone = (work: () => Promise<void>) =>
  navigator.locks.query().then(
    () => navigator.locks.request("own-data", work),
    () => work(),
  );

self.addEventListener(
  "message",
  ({ data }: MessageEvent<LenderToWorker | (PageToKeeper & { readonly id: number })>) => {
    if (data.type === "lend") lent.lend(data.records);
    else void alone(async () => self.postMessage(await serve(data)));
  },
);
