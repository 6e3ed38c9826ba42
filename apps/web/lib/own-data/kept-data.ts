import type { LabelledSet } from "@tandem/core/data";
import { messageOf } from "@tandem/core/errors";
import type { BackboneReference } from "@tandem/core/task";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { KeeperToPage, Kept, PageToKeeper } from "./kept-messages";

export type KeptState =
  | { readonly type: "looking" }
  | { readonly type: "none" }
  | { readonly type: "kept"; readonly kept: Kept }
  /** What is there cannot be read, or the browser keeps nothing. */
  | { readonly type: "failed"; readonly message: string };

/** What of a worker is used. */
export type KeeperWorker = {
  postMessage(message: PageToKeeper): void;
  onmessage: ((event: MessageEvent<KeeperToPage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
};

export type KeptData = {
  readonly store: StoreApi<KeptState>;
  look(): Promise<void>;
  /** Throws what stands in its way; what was there then is there still. */
  write(set: LabelledSet, backbone: BackboneReference | undefined): Promise<void>;
  remove(): Promise<void>;
};

/** Somebody's own data for a task as this browser keeps it; a worker packs and unpacks it. */
export function createKeptData(task: string, start: () => KeeperWorker): KeptData {
  const store = createStore<KeptState>(() => ({ type: "looking" }));
  const waiting = new Map<number, (answer: KeeperToPage) => void>();
  let ids = 0;
  let worker: KeeperWorker | undefined;

  function opened(): KeeperWorker {
    if (worker) return worker;
    const started = start();
    started.onmessage = ({ data }) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
    started.onerror = ({ message = "its parts could not be loaded" }) => {
      worker = undefined; // another try starts another one
      const text = `What keeps data in this browser has stopped (${message}): reload the page.`;
      for (const [id, settle] of waiting) settle({ id, code: "unavailable", message: text });
      waiting.clear();
    };
    worker = started;
    return started;
  }

  const ask = async (what: Asked): Promise<void> => {
    const id = ++ids;
    const answer = await new Promise<KeeperToPage>((resolve) => {
      waiting.set(id, resolve);
      opened().postMessage({ ...what, id, task });
    });
    if ("message" in answer) throw new Error(answer.message);
    const { kept } = answer;
    store.setState(kept ? { type: "kept", kept } : { type: "none" }, true);
  };
  const shown = (error: unknown) =>
    store.setState({ type: "failed", message: messageOf(error) }, true);

  return {
    store,
    look: () => ask({ type: "look" }).catch(shown),
    write: (set, backbone) => ask({ type: "write", set, backbone }),
    remove: () => ask({ type: "remove" }).catch(shown),
  };
}

type Asked = PageToKeeper extends infer Ask
  ? Ask extends Ask
    ? Omit<Ask, "id" | "task">
    : never
  : never;

const all = new Map<string, KeptData>();

export function keptData(task: string): KeptData {
  const known = all.get(task);
  if (known) return known;
  const made = createKeptData(
    task,
    () => new Worker(new URL("./kept-worker.ts", import.meta.url), { type: "module" }),
  );
  if (typeof window !== "undefined") all.set(task, made); // the server only draws
  return made;
}
