/** Of one round: bytes as serialised, of all clients together. */
export type RoundTraffic = {
  /** Clients that were asked. */
  readonly cohort: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
};

export type Traffic = {
  readonly up: number;
  readonly down: number;
  /** Of one client in one round, on the mean over all that were asked; 0 where none was. */
  readonly upPerClient: number;
  readonly downPerClient: number;
};

export function trafficOf(rounds: readonly RoundTraffic[]): Traffic {
  const [asked, up, down] = (["cohort", "bytesUp", "bytesDown"] as const).map((field) =>
    rounds.reduce((sum, round) => sum + round[field], 0),
  );
  const each = (bytes: number) => (asked > 0 ? bytes / asked : 0);
  return { up, down, upPerClient: each(up), downPerClient: each(down) };
}

/**
 * The first round whose accuracy is the target or more, and the bytes until its end; undefined where
 * none is. A round without an accuracy was not evaluated: its bytes count, it reaches nothing.
 */
export function trafficToTarget(
  rounds: readonly (RoundTraffic & { readonly accuracy?: number | undefined })[],
  target: number,
): { readonly rounds: number; readonly up: number; readonly down: number } | undefined {
  const at = rounds.findIndex(({ accuracy }) => accuracy !== undefined && accuracy >= target);
  if (at === -1) return undefined;
  const { up, down } = trafficOf(rounds.slice(0, at + 1));
  return { rounds: at + 1, up, down };
}
