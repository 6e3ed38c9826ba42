import { type Replay, replay } from "@tandem/coordinator/replay";
import type { ClientRecord } from "@tandem/core/experiment";
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
  /** What is in the store that should not be, in words. */
  readonly stray: readonly string[];
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
    const clients = await store.clients(id);
    const answered = new Set((await store.metrics(id)).map(({ client }) => client as string));
    return {
      ...replayed,
      lost,
      stray: strayOf({ clients, answered, slots: record.config.slots }),
      rounds: rounds.filter(({ endedAt }) => endedAt !== undefined).length,
      refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
      resumes: events.filter(({ event }) => event.type === "recovered").length,
    };
  } finally {
    await store.close();
  }
}

/** No place is dealt as many; strangers say that they have more. */
const mostSamples = 10_000;

/** Records of who has answered nothing, beyond one a place, and places that weigh more than they were dealt. */
export function strayOf({
  clients,
  answered,
  slots,
}: {
  readonly clients: readonly Pick<ClientRecord, "id" | "samples">[];
  readonly answered: ReadonlySet<string>;
  readonly slots: number;
}): readonly string[] {
  const silent = clients.filter(({ id }) => !answered.has(id));
  const heavy = clients.filter(({ samples }) => samples > mostSamples);
  return [
    ...(silent.length > slots
      ? [`${silent.length} records of clients that have answered nothing, of ${slots} places`]
      : []),
    ...heavy.map(({ id, samples }) => `${id} weighs ${samples} samples`),
  ];
}
