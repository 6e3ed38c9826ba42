import type { MetricRecord } from "@tandem/core/experiment";

/** The metrics of an experiment: one record a round and client, and one of each round as a whole. */
export class MetricTable implements Iterable<MetricRecord> {
  readonly #rounds = new Map<number, Map<string | undefined, MetricRecord>>();
  /** Rounds that each client has metrics of. */
  readonly #answered = new Map<string, Set<number>>();

  constructor(records: Iterable<MetricRecord> = []) {
    for (const record of records) this.put(record);
  }

  put(record: MetricRecord): void {
    const { round, client } = record;
    const own = this.#rounds.get(round) ?? new Map();
    this.#rounds.set(round, own.set(client, record));
    if (client !== undefined)
      this.#answered.set(client, (this.#answered.get(client) ?? new Set()).add(round));
  }

  forget(client: string): void {
    for (const round of this.#answered.get(client) ?? []) this.#rounds.get(round)?.delete(client);
    this.#answered.delete(client);
  }

  of(round: number): Iterable<MetricRecord> {
    return this.#rounds.get(round)?.values() ?? [];
  }

  ofRound(round: number): MetricRecord | undefined {
    return this.#rounds.get(round)?.get(undefined);
  }

  *ofClient(client: string): Generator<MetricRecord> {
    for (const round of this.#answered.get(client) ?? []) {
      const found = this.#rounds.get(round)?.get(client);
      if (found) yield found;
    }
  }

  /** The last round before this one that a client has answered; 0 for none. */
  lastAnswered(client: string, before: number): number {
    let last = 0;
    for (const round of this.#answered.get(client) ?? [])
      if (round < before && round > last) last = round;
    return last;
  }

  *[Symbol.iterator](): Generator<MetricRecord> {
    for (const own of this.#rounds.values()) yield* own.values();
  }
}
