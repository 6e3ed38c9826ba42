import { parentPort } from "node:worker_threads";
import type { BlobHash } from "@tandem/core/ids";
import { type Lazy, lazily } from "@tandem/core/lazily";
import type { Dataset } from "@tandem/datasets/dataset";
import { federate } from "@tandem/datasets/federation/federate";
import { loadDataset } from "@tandem/datasets/registry";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { ToAsked } from "./asked-thread";
import type { ToDealer } from "./dealer";
import { failureOf } from "./upload-messages";

// The thread of `dealer.ts`: reads a data set and makes the files of all places.

const sets = new Map<string, Lazy<Dataset>>();

async function deal({ config }: ToDealer) {
  const { dataset } = config;
  const set = sets.get(dataset) ?? lazily(() => loadDataset(dataset));
  sets.set(dataset, set);
  const blobs: Uint8Array[] = [];
  const data = await federate(await set.get(), config, {
    async put(bytes) {
      blobs.push(bytes);
      return (await sha256Hex(bytes)) as BlobHash;
    },
  });
  return { ok: true, data, blobs };
}

parentPort?.on("message", async (asked: ToAsked<ToDealer>) => {
  if ("abort" in asked) return; // a deal is soon over
  const told = await deal(asked).catch(failureOf);
  parentPort?.postMessage({ ...told, id: asked.id });
});
