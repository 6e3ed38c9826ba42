import { type Replay, replay } from "@tandem/coordinator/replay";
import { blobHash, experimentId } from "@tandem/core/ids";
import { loadDataset } from "@tandem/datasets/registry";
import { openStores } from "@tandem/storage/open-stores";
import { strategyNamed } from "@tandem/strategies/registry";
import type { Acknowledged } from "./befallen-channel";
import type { Played } from "./run";

export type Checked = Replay & {
  readonly rounds: number;
  readonly resumes: number;
  readonly refused: number;
  /** Acknowledged, and in no aggregate or without their bytes. */
  readonly lost: readonly Acknowledged[];
};

/** Reads what the last server has left behind, and computes its aggregates again. */
export async function checkChaos(played: Played): Promise<Checked> {
  const { directory, acknowledged } = played;
  const id = experimentId(played.experiment);
  const { store, blobs } = await openStores({ directory, environment: {} });
  try {
    const record = await store.get(id);
    const { strategy, strategyConfig, dataset } = record.config;
    const { classes } = await loadDataset(dataset);
    const server = strategyNamed(strategy).server(strategyConfig);
    const replayed = await replay({ store, blobs, record, server, classes });
    const lost: Acknowledged[] = [];
    for (const upload of acknowledged) {
      const isThere = await blobs.get(blobHash(upload.hash)).then(
        () => true,
        () => false,
      );
      if (!isThere || !replayed.taken.has(`${upload.round}/${upload.hash}`)) lost.push(upload);
    }
    const rounds = await store.rounds(id);
    const events = await store.events(id);
    return {
      ...replayed,
      lost,
      rounds: rounds.filter(({ endedAt }) => endedAt !== undefined).length,
      refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
      resumes: events.filter(({ event }) => event.type === "recovered").length,
    };
  } finally {
    await store.close();
  }
}

export function reportLines(
  { faults, kills, told, seconds, ended, acknowledged }: Played,
  { steps, differing, isSameState, refused, lost }: Checked,
): readonly string[] {
  const befell = [...faults].sort().map(([fault, count]) => `${fault} ${count}`);
  return [
    "",
    `took                       ${(seconds / 60).toFixed(1)} min`,
    `faults of clients          ${befell.join(", ") || "none"}`,
    `SIGKILLs of the server     ${kills}`,
    `what strangers sent        ${told.refused} refused, ${told.taken} taken, ${told.unanswered} cut off`,
    `uploads acknowledged       ${acknowledged.length}`,
    `uploads refused            ${refused}`,
    `steps computed again       ${steps}, of which ${differing.length} have other bytes`,
    `log leads to stored state  ${isSameState ? "yes" : "no"}`,
    ...differing.slice(0, 5).map(({ sequence, type }) => `  event ${sequence}, ${type}`),
    ...lost.slice(0, 5).map(({ slot, round, hash }) => `  lost: ${slot}, round ${round}, ${hash}`),
    ...told.broken.slice(0, 5).map((reply) => `  the server broke: ${reply}`),
    ...ended.slice(0, 5).map((reason) => `  gave up: ${reason}`),
    "",
  ];
}

export function verdictOf(
  asked: number,
  { acknowledged, ended, told }: Pick<Played, "acknowledged" | "ended" | "told">,
  { rounds, lost, resumes, differing, isSameState }: Checked,
): { readonly text: string; readonly isGood: boolean } {
  const isEqual = differing.length === 0 && isSameState;
  return {
    text: `${rounds} of ${asked} rounds done, ${lost.length} of ${acknowledged.length} acknowledged uploads lost, ${resumes} resumes, bit-equal ${isEqual ? "yes" : "no"}`,
    isGood:
      rounds === asked &&
      lost.length === 0 &&
      isEqual &&
      ended.length === 0 &&
      told.broken.length === 0,
  };
}
