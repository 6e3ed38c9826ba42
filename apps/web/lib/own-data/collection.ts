import type { LabelledSet } from "@tandem/core/data";
import { codeOf, messageOf } from "@tandem/core/errors";
import type { BackboneReference, Task } from "@tandem/core/task";
import type { PickedFile } from "@tandem/intake/files/browser-files";
import type { Intake, Progress } from "@tandem/intake/intake";
import { createStore, type StoreApi } from "zustand/vanilla";

export type OwnTask = Pick<Task, "classes" | "modalities" | "pictures" | "least" | "backbone">;

export type Collected = {
  readonly intake?: Intake | undefined;
  /** What it was before the last change, to go back to. */
  readonly before?: Intake | undefined;
  /** While files are read. */
  readonly progress?: Progress | undefined;
  readonly isKeeping: boolean;
  readonly problem?: string | undefined;
};

export type Add = Collection["add"];
export type Change = Collection["change"];
export type Collection = {
  readonly store: StoreApi<Collected>;
  /** `folders`: classes of folders whose samples were made on the page. */
  add(files: readonly PickedFile[], folders?: ReadonlyMap<string, number>): Promise<void>;
  cancel(): void;
  change(how: (intake: Intake) => Intake): void;
  undo(): void;
  clear(): void;
  /** Resolves to whether it is kept. */
  keep(
    write: (set: LabelledSet, backbone: BackboneReference | undefined) => Promise<void>,
  ): Promise<boolean>;
};

const nothing: Progress = {
  files: 0,
  filesDone: 0,
  bytes: 0,
  bytesDone: 0,
  taken: 0,
  leftOut: 0,
};

/** What somebody is about to bring, on the page alone. What reads it is loaded with the first files. */
export function createCollection(
  task: OwnTask,
  loadTools: () => Promise<typeof import("./tools")>,
): Collection {
  const store = createStore<Collected>(() => ({ isKeeping: false }));
  let reader: ReturnType<typeof import("./tools").startReader> | undefined;
  let reading: AbortController | undefined;

  async function read(files: readonly PickedFile[], folders: ReadonlyMap<string, number>) {
    const own = new AbortController();
    reading = own;
    store.setState({ progress: { ...nothing, files: files.length }, problem: undefined });
    const { startReader, withMore } = await loadTools();
    reader ??= startReader();
    const more = await reader.read(files, {
      task,
      signal: own.signal,
      progress: (progress) => own.signal.aborted || store.setState({ progress }),
    });
    const { intake } = store.getState();
    store.setState({ intake: withMore(task, intake, more, folders), before: intake });
  }

  return {
    store,
    async add(files, folders = new Map()) {
      if (files.length === 0 || store.getState().progress) return;
      try {
        await read(files, folders);
      } catch (error) {
        if (codeOf(error) === "unavailable") reader = undefined; // its worker has stopped
        store.setState({ problem: messageOf(error) });
      } finally {
        reading = undefined;
        store.setState({ progress: undefined });
      }
    },
    cancel: () => reading?.abort(),
    change(how) {
      const { intake } = store.getState();
      if (intake) store.setState({ intake: how(intake), before: intake, problem: undefined });
    },
    undo: () => store.setState(({ before }) => ({ intake: before, before: undefined })),
    clear: () => store.setState({ isKeeping: false }, true),
    async keep(write) {
      const { intake } = store.getState();
      if (!intake) return false;
      store.setState({ isKeeping: true, problem: undefined });
      try {
        const { toOwnSet } = await loadTools();
        const set = toOwnSet(intake, task);
        await write(set, set.features && task.backbone);
        store.setState({ isKeeping: false }, true);
        return true;
      } catch (error) {
        store.setState({ isKeeping: false, problem: messageOf(error) });
        return false;
      }
    },
  };
}
