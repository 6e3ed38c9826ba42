import { TandemError } from "@tandem/core/errors";

/** One after another; throws `too-many` where as many wait as may. */
export function createTurns(mostWaiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting > mostWaiting)
      throw new TandemError("too-many", "Too many sign in at once: try again in a few seconds.");
    waiting++;
    const turn = last.then(work);
    last = turn.catch(() => {}).then(() => waiting--);
    return turn;
  };
}
