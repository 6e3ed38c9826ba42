import type { BlobReference, ExperimentId } from "@tandem/core/ids";

/** Names that an experiment uses and its records may not have yet. */
const mostFresh = 1000;

type Held = { readonly fresh: Set<string>; readonly data: Set<string> };

/** What experiments use beside what their records name. */
export function createHeldBlobs() {
  const held = new Map<ExperimentId, Held>();
  const heldBy = (id: ExperimentId): Held => {
    const own = held.get(id) ?? { fresh: new Set(), data: new Set() };
    held.set(id, own);
    return own;
  };
  return {
    /** Until so many others have come, by when its records have it. */
    add(id: ExperimentId, hash: string): void {
      const { fresh } = heldBy(id);
      fresh.delete(hash);
      fresh.add(hash);
      const [oldest] = fresh;
      if (fresh.size > mostFresh) fresh.delete(oldest);
    },
    /** The records have it no more. */
    drop: (id: ExperimentId, hash: string) => heldBy(id).fresh.delete(hash),
    dropData: (id: ExperimentId, hash: string) => heldBy(id).data.delete(hash),
    isFresh: (id: ExperimentId, hash: string): boolean => heldBy(id).fresh.has(hash),
    /** For as long as there is the experiment. */
    addData(id: ExperimentId, references: readonly BlobReference[]): void {
      for (const { hash } of references) heldBy(id).data.add(hash);
    },
    has: (hash: string): boolean =>
      [...held.values()].some(({ fresh, data }) => fresh.has(hash) || data.has(hash)),
    /** Gives back what it was. */
    forget(id: ExperimentId): readonly string[] {
      const { fresh, data } = heldBy(id);
      held.delete(id);
      return [...fresh, ...data];
    },
  };
}
