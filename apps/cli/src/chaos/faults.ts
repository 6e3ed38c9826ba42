import { createRng } from "@tandem/core/rng";

/** What can befall a client in a round. */
export const chaosFaults = ["drop", "delay", "freeze", "corrupt", "disconnect", "crash"] as const;
export type ChaosFault = (typeof chaosFaults)[number];

/** Of a client in an attempt of a round, the same for a seed; none with probability 1 - share. */
export function faultOf(
  { seed, share }: { readonly seed: number; readonly share: number },
  {
    slot,
    round,
    attempt,
  }: { readonly slot: number; readonly round: number; readonly attempt: number },
): ChaosFault | undefined {
  const rng = createRng(`chaos/${seed}/${slot}/${round}/${attempt}`);
  // A fourth attempt is left alone, so that every round ends.
  if (attempt > 3 || rng.uniform() >= share) return undefined;
  return chaosFaults[rng.integer(chaosFaults.length)];
}

/** Milliseconds by which a client's clock is wrong, up to a day. */
export const clockSkewOf = (seed: number, slot: number): number =>
  Math.round((createRng(`chaos/${seed}/clock/${slot}`).uniform() - 0.5) * 2 * 86_400_000);

/** How long into every `every`th round the server lives, milliseconds; undefined in the others. */
export function killOf(
  { seed, every }: { readonly seed: number; readonly every: number },
  round: number,
): number | undefined {
  if (every === 0 || round % every !== 0) return undefined;
  return createRng(`chaos/${seed}/kill/${round}`).integer(2500);
}
