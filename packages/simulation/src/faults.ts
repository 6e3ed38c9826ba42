import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";

/** Some of the clients, and the round before which they come or go. */
export type Turnover = { readonly clients: number; readonly round: number };

/** What befalls a client in a round, and its share of the clients, in each round but the last. */
export const shareFaults = {
  drop: "never answers",
  late: "answers one round later",
  delay: "answers after all others",
  freeze: "begins after all others have answered",
  corrupt: "sends an answer that is cut short",
  disconnect: "loses the connection before it is heard",
} as const;
export type ShareFault = keyof typeof shareFaults;
export const shareFaultNames = Object.keys(shareFaults) as readonly ShareFault[]; // of the object above
export const ofEachShareFault = <T>(value: T) =>
  Object.fromEntries(shareFaultNames.map((name) => [name, value])) as Record<ShareFault, T>; // all are there

/** What befalls the clients of a simulation, always the same for a seed. */
export type Faults = { readonly [fault in ShareFault]?: number | undefined } & {
  /** Seconds by which a client's clock is wrong, either way, at most. */
  readonly clockSkew?: number | undefined;
  /** Who is not there from the start: the last places. */
  readonly join?: readonly Turnover[] | undefined;
  /** Who leaves: the first places. */
  readonly leave?: readonly Turnover[] | undefined;
  readonly seed: number;
};
export type Fate = "answers" | ShareFault;

/** Without what is none of any; undefined where nothing is left. */
export function someFaults<F extends Omit<Faults, "seed">>(faults: F): F | undefined {
  const some = Object.entries(faults).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== 0,
  );
  return some.length > 0 ? (Object.fromEntries(some) as F) : undefined; // a part of it
}

export type FaultPlan = {
  /**
   * Of one client in one attempt of a round, from 1. All answer in the last round, so that the end is
   * measured on all, and in a fourth attempt, so that there is an end.
   */
  readonly fate: (slot: number, round: number, attempt: number) => Fate;
  /** The rounds that the client is there for. */
  readonly joins: (slot: number) => number;
  readonly leaves: (slot: number) => number;
  /** Milliseconds that its clock is ahead, from -clockSkew to clockSkew. */
  readonly skew: (slot: number) => number;
  /** Clients that are there in the emptiest round. */
  readonly fewest: number;
};

const highest = 0.9;
const day = 86_400;

/** Throws `bad-config` where what is to befall the clients cannot. */
export function planFaults(
  { clockSkew = 0, join = [], leave = [], seed, ...shares }: Faults,
  { clients, rounds }: { readonly clients: number; readonly rounds: number },
): FaultPlan {
  const refuse = (message: string) => new TandemError("bad-config", `faults: ${message}`);
  // In the order of the names: who drops at a smaller share drops at a larger one.
  const given = shareFaultNames.map((name) => [name, shares[name] ?? 0] as const);
  const sum = given.reduce((total, [, share]) => total + share, 0);
  for (const [name, share] of [...given, ["all together", sum] as const])
    if (!(share >= 0 && share <= highest))
      throw refuse(`the share of ${name} is from 0 to ${highest}, not ${share}.`);
  if (!(clockSkew >= 0 && clockSkew <= day))
    throw refuse(`a clock is wrong by 0 to ${day} seconds, not ${clockSkew}.`);
  const leaves = placesOf(leave);
  const joins = placesOf(join).map(([slot, round]) => [clients - 1 - slot, round] as const);
  for (const { clients: count, round } of [...join, ...leave]) {
    if (!Number.isInteger(count) || count < 1)
      throw refuse(`a whole number of clients comes or goes, 1 or more, not ${count}.`);
    if (!Number.isInteger(round) || round < 2 || round > rounds)
      throw refuse(`clients come and go before rounds 2 to ${rounds}, not ${round}.`);
  }
  if (joins.length + leaves.length >= clients)
    throw refuse(
      `${joins.length} join and ${leaves.length} leave: of ${clients} clients at least one stays throughout.`,
    );
  const [joined, left] = [new Map(joins), new Map(leaves)];
  const isThere = (slot: number, round: number) =>
    (joined.get(slot) ?? 1) <= round && round < (left.get(slot) ?? Number.POSITIVE_INFINITY);
  const present = Array.from(
    { length: rounds },
    (_, i) =>
      Array.from({ length: clients }, (__, slot) => isThere(slot, i + 1)).filter(Boolean).length,
  );
  return {
    fate(slot, round, attempt) {
      if (round >= rounds || attempt > 3) return "answers";
      let left = createRng(`faults/${seed}/${slot}/${round}/${attempt}`).uniform();
      for (const [name, share] of given) {
        left -= share;
        if (left < 0) return name;
      }
      return "answers";
    },
    joins: (slot) => joined.get(slot) ?? 1,
    leaves: (slot) => left.get(slot) ?? Number.POSITIVE_INFINITY,
    skew: (slot) =>
      Math.round((2 * createRng(`faults/${seed}/clock/${slot}`).uniform() - 1) * clockSkew * 1000),
    fewest: Math.min(...present),
  };
}

/** Each turnover takes the next places, counted from 0. */
function placesOf(turnovers: readonly Turnover[]): readonly (readonly [number, number])[] {
  const rounds = turnovers.flatMap(({ clients, round }) =>
    Array.from({ length: clients }, () => round),
  );
  return rounds.map((round, place) => [place, round]);
}
