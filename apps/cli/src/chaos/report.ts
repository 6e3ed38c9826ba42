import type { Checked } from "./check";
import { healthLines, healthVerdict } from "./health/verdict";
import type { ChaosOptions, Played } from "./run";
import type { Tally } from "./strangers/judge";
import type { Told } from "./strangers/process";

export function reportLines(
  { faults, kills, told, health, seconds, wrong, acknowledged }: Played,
  { steps, differing, isSameState, refused, lost, stray }: Checked,
): readonly string[] {
  const befell = [...faults].sort().map(([fault, count]) => `${fault} ${count}`);
  return [
    "",
    `took                       ${(seconds / 60).toFixed(1)} min`,
    `faults of clients          ${befell.join(", ") || "none"}`,
    `SIGKILLs of the server     ${kills}`,
    `uploads acknowledged       ${acknowledged.length}`,
    `uploads refused            ${refused}`,
    `steps computed again       ${steps}, of which ${differing.length} have other bytes`,
    `log leads to stored state  ${isSameState ? "yes" : "no"}`,
    ...(health ? healthLines(health, kills) : []),
    ...strangerLines(told),
    ...differing.slice(0, 5).map(({ sequence, type }) => `  event ${sequence}, ${type}`),
    ...lost.slice(0, 5).map(({ slot, round, hash }) => `  lost: ${slot}, round ${round}, ${hash}`),
    ...stray.slice(0, 5).map((what) => `  in the store: ${what}`),
    ...wrong.slice(0, 5).map((what) => `  ${what}`),
    "",
  ];
}

/** A line for each kind: what it tried and what has become of it. */
function strangerLines(told: Told): readonly string[] {
  const kinds = Object.entries(told);
  if (kinds.length === 0) return [];
  const cells = (...values: readonly (string | number)[]) =>
    values
      .map((value, i) => (i === 0 ? String(value).padEnd(14) : String(value).padStart(9)))
      .join("");
  return [
    "",
    `${cells("strangers", "tried", "refused", "allowed", "cut off", "through")}   how`,
    ...kinds.map(([kind, tally]) => {
      const { tried, allowed, unanswered, through } = tally;
      const numbers = cells(kind, tried, refusedOf(tally), allowed, unanswered, through);
      return `${numbers}   ${reasonsOf(tally)}`;
    }),
    ...kinds.flatMap(([kind, { how }]) => how.map((what) => `  ${kind} got through: ${what}`)),
  ];
}

const refusedOf = ({ refused }: Tally): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0);

/** The most frequent first. */
const reasonsOf = ({ refused }: Tally): string =>
  Object.entries(refused)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([code, count]) => `${code} ${count}`)
    .join(", ");

export function verdictOf(
  {
    rounds: asked,
    clients,
    fail,
    killEvery,
  }: Pick<ChaosOptions, "rounds" | "clients" | "fail" | "killEvery">,
  {
    acknowledged,
    wrong,
    told,
    health,
    kills,
  }: Pick<Played, "acknowledged" | "wrong" | "told" | "health" | "kills">,
  { rounds, lost, resumes, differing, isSameState, stray }: Checked,
): { readonly text: string; readonly isGood: boolean } {
  const isEqual = differing.length === 0 && isSameState;
  // Whom nothing befalls has answered every round.
  const isWhole = fail > 0 || killEvery > 0 || acknowledged.length === asked * clients;
  const through = Object.values(told).reduce((sum, tally) => sum + tally.through, 0);
  return {
    text: `${rounds} of ${asked} rounds done, ${lost.length} of ${acknowledged.length} acknowledged uploads lost, ${resumes} resumes, bit-equal ${isEqual ? "yes" : "no"}`,
    isGood:
      rounds === asked &&
      lost.length === 0 &&
      isEqual &&
      isWhole &&
      stray.length === 0 &&
      wrong.length === 0 &&
      through === 0 &&
      (health === undefined || healthVerdict(health, kills) !== "bad"),
  };
}
