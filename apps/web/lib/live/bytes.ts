import type { ExperimentView } from "@tandem/protocol/view";

export type Bytes = {
  readonly sent: number;
  /** `data` of it: what clients were dealt, which is no round's. */
  readonly received: number;
  readonly data: number;
};

/**
 * Of all clients together, as their table and the rounds have it: the records of clients count data too,
 * and those of rounds still know what erased clients have moved.
 */
export function bytesOf({ rounds, clients }: Pick<ExperimentView, "rounds" | "clients">): Bytes {
  const sum = (of: readonly Readonly<Record<"bytesUp" | "bytesDown", number>>[]) =>
    of.reduce(
      ({ up, down }, { bytesUp, bytesDown }) => ({ up: up + bytesUp, down: down + bytesDown }),
      { up: 0, down: 0 },
    );
  const [byRound, byClient] = [sum(rounds), sum(clients)];
  const received = Math.max(byRound.down, byClient.down);
  return {
    sent: Math.max(byRound.up, byClient.up),
    received,
    data: received - byRound.down,
  };
}
