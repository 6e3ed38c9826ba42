import { messageOf } from "@tandem/core/errors";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type AskedWorker, askWorker } from "../ask-worker";
import type { EncoderOptions, KeptEncoder, PageToEncoder } from "./messages";
import { noteEncoder } from "./noted";

export type EncoderState =
  | { readonly type: "looking" | "none" | "checking" }
  | { readonly type: "kept"; readonly kept: KeptEncoder }
  /** Why what was brought, or what is there, is of no use. */
  | { readonly type: "failed"; readonly message: string };

export type BroughtEncoder = {
  readonly store: StoreApi<EncoderState>;
  look(): Promise<void>;
  /** Has the files checked and, if they will do, kept; what was there before goes either way. */
  bring(files: readonly File[], options: EncoderOptions): Promise<void>;
  remove(): Promise<void>;
};

/** Somebody's own encoder for an experiment as this browser keeps it; a worker checks it. */
export function createBroughtEncoder(
  experiment: string,
  start: () => AskedWorker<PageToEncoder, KeptEncoder | undefined>,
): BroughtEncoder {
  const store = createStore<EncoderState>(() => ({ type: "looking" }));
  const put = askWorker<PageToEncoder, KeptEncoder | undefined>(
    start,
    "checks models in this browser",
  );
  const show = (asked: Promise<KeptEncoder | undefined>) =>
    asked.then(
      (kept) => store.setState(kept ? { type: "kept", kept } : { type: "none" }, true),
      (error: unknown) => store.setState({ type: "failed", message: messageOf(error) }, true),
    );
  return {
    store,
    look: () => show(put({ type: "look", experiment })),
    bring(files, options) {
      store.setState({ type: "checking" }, true);
      const brought = async () => {
        await put({ type: "remove", experiment });
        return put({ type: "bring", experiment, files, options });
      };
      return show(brought());
    },
    remove: () => show(put({ type: "remove", experiment })),
  };
}

const all = new Map<string, BroughtEncoder>();

export function ownEncoder(experiment: string): BroughtEncoder {
  const known = all.get(experiment);
  if (known) return known;
  const made = createBroughtEncoder(
    experiment,
    () => new Worker(new URL("./encoder-worker.ts", import.meta.url), { type: "module" }),
  );
  if (typeof window === "undefined") return made; // the server only draws
  all.set(experiment, made);
  made.store.subscribe(({ type }) => {
    if (type === "kept" || type === "none") noteEncoder(experiment, type === "kept");
  });
  return made;
}
