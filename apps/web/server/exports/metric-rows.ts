import type { ClientRecord, RoundRecord } from "@tandem/core/experiment";
import { grouped } from "@tandem/core/grouped";
import type { ClientId } from "@tandem/core/ids";
import type { Metrics } from "@tandem/core/strategy";
import type { Run } from "./run";

/** What is known of a round as a whole or, with `client`, of one client's answer to it. */
export type MetricRow = {
  readonly round: number;
  readonly client?: ClientId;
  /** Its client's, from 1. */
  readonly place?: number;
  /** Epoch milliseconds of the round's end, or of its latest phase. */
  readonly at: number;
  readonly metrics: Metrics;
};

/** Rounds in order, each before its clients by their places, metrics by their names. What the server counts of a round is `round/…`. */
export function metricRows({ rounds, clients, metrics }: Run): readonly MetricRow[] {
  const places = placesOf(clients);
  const byRound = grouped(metrics, ({ round }) => String(round));
  return rounds.flatMap((record) => {
    const { round } = record;
    const own = byRound.get(String(round)) ?? [];
    const whole = own.find(({ client }) => client === undefined)?.metrics;
    const at = timeOf(record);
    const answers = own.flatMap(({ client, metrics }): MetricRow[] => {
      if (client === undefined) return [];
      const place = places.get(client);
      return [
        { round, client, at, metrics: byName(metrics), ...(place !== undefined && { place }) },
      ];
    });
    return [
      { round, at, metrics: byName({ ...countsOf(record), ...whole }) },
      ...answers.sort((a, b) => (a.place ?? 0) - (b.place ?? 0)),
    ];
  });
}

/** In one order, whatever the database's. */
const byName = (metrics: Metrics): Metrics =>
  Object.fromEntries(Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1)));

const placesOf = (clients: readonly ClientRecord[]): ReadonlyMap<ClientId, number> =>
  new Map(clients.map(({ id, slot }) => [id, slot + 1]));

const timeOf = ({ endedAt, phases }: RoundRecord): number => endedAt ?? phases.at(-1)?.at ?? 0;

function countsOf({ phases, endedAt, uploads, refused, bytesUp, bytesDown }: RoundRecord): Metrics {
  const startedAt = phases.at(0)?.at;
  const hasTime = startedAt !== undefined && endedAt !== undefined;
  return {
    ...(hasTime && { "round/seconds": (endedAt - startedAt) / 1000 }),
    "round/uploads": uploads,
    "round/refused": refused,
    "round/bytesUp": bytesUp,
    "round/bytesDown": bytesDown,
  };
}
