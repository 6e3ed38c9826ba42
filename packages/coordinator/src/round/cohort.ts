import { createRng } from "@tandem/core/rng";
import { sorted } from "./clients";
import type { RoundRules, RoundState } from "./round-state";

type Known = Pick<RoundState, "ready" | "round" | "failures" | "waitsSince" | "paces">;

/**
 * Whom a round asks, sorted: `participation` of the ready, at least one. By the seed, the round and who
 * is ready alone; another attempt of a round draws anew.
 */
export function drawCohort(
  { participation, sampling, seed, deadlineMs }: RoundRules,
  { ready, round, failures, waitsSince, paces }: Known,
): readonly string[] {
  const here = sorted(ready);
  const count = Math.max(1, Math.round(participation * here.length));
  if (count >= here.length) return here;
  const rng = createRng(`${seed}/${round}/cohort${failures > 0 ? `/${failures}` : ""}`);
  const drawn = Array.from(rng.permutation(here.length), (i) => here[i]);
  const waited = (client: string) => round - (waitsSince.get(client) ?? 0);
  // Nobody is left out for good, however slow: after twice the mean wait it is its turn.
  const isDue = (client: string) =>
    sampling === "rotating" ||
    (sampling === "capable" && waited(client) >= Math.ceil(2 / participation));
  const pace = (client: string) => paces.get(client, 0);
  const isSlow = (client: string) => (pace(client) ?? Number.POSITIVE_INFINITY) > deadlineMs;
  const rank = (client: string) => {
    if (isDue(client)) return -waited(client);
    return sampling === "capable" && isSlow(client) ? 1 : 0;
  };
  return drawn
    .sort((a, b) => rank(a) - rank(b)) // stable: equals stay as they are drawn
    .slice(0, count)
    .sort();
}
