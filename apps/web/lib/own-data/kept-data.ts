import type { LabelledSet } from "@tandem/core/data";
import { messageOf } from "@tandem/core/errors";
import type { BackboneReference } from "@tandem/core/task";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type AskedWorker, askWorker } from "../ask-worker";
import { pageRecords } from "../join/page-records";
import type { Kept, PageToKeeper } from "./kept-messages";

export type KeptState =
  | { readonly type: "looking" }
  | { readonly type: "none" }
  | { readonly type: "kept"; readonly kept: Kept }
  /** What is there cannot be read, or the browser keeps nothing. */
  | { readonly type: "failed"; readonly message: string };

export type KeeperWorker = AskedWorker<PageToKeeper, Kept | undefined>;

export type KeptData = {
  readonly store: StoreApi<KeptState>;
  look(): Promise<void>;
  /** Throws what stands in its way; what was there then is there still. */
  write(set: LabelledSet, backbone: BackboneReference | undefined): Promise<void>;
  remove(): Promise<void>;
};

/** Somebody's own data for a task as this browser keeps it; a worker packs and unpacks it. */
export function createKeptData(
  task: string,
  start: () => KeeperWorker,
  /** False: this browser has never kept anything, and no worker is needed to say so. */
  mayHaveKept: () => Promise<boolean> = async () => true,
): KeptData {
  const store = createStore<KeptState>(() => ({ type: "looking" }));
  const put = askWorker<PageToKeeper, Kept | undefined>(start, "keeps data in this browser");
  const ask = async (what: Asked): Promise<void> => {
    const kept = await put({ ...what, task });
    store.setState(kept ? { type: "kept", kept } : { type: "none" }, true);
  };
  const shown = (error: unknown) =>
    store.setState({ type: "failed", message: messageOf(error) }, true);

  return {
    store,
    async look() {
      if (await mayHaveKept()) await ask({ type: "look" }).catch(shown);
      else store.setState({ type: "none" }, true);
    },
    write: (set, backbone) => ask({ type: "write", set, backbone }),
    remove: () => ask({ type: "remove" }).catch(shown),
  };
}

type Asked = PageToKeeper extends infer Ask ? (Ask extends Ask ? Omit<Ask, "task"> : never) : never;

/** Whether this site has any in this browser; true where the browser does not tell. */
const hasDatabases = (): Promise<boolean> =>
  Promise.resolve()
    .then(() => indexedDB.databases())
    .then(
      (some) => some.length > 0,
      () => true,
    );

const all = new Map<string, KeptData>();

export function keptData(task: string): KeptData {
  const known = all.get(task);
  if (known) return known;
  const made = createKeptData(
    task,
    () => {
      const worker = new Worker(new URL("./kept-worker.ts", import.meta.url), { type: "module" });
      pageRecords.attach(worker);
      return worker;
    },
    hasDatabases,
  );
  if (typeof window !== "undefined") all.set(task, made); // the server only draws
  return made;
}
