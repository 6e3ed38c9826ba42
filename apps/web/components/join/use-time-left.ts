import { useRef } from "react";
import { type Mark, roughly, timeLeft } from "../../lib/join/time-left";

/** Milliseconds until `what` is done, by its pace so far; undefined before that tells anything. */
export function useTimeLeft(what: string, fraction: number): number | undefined {
  const start = useRef<Mark & { readonly what: string }>(undefined);
  const now = { at: performance.now(), fraction };
  if (start.current?.what !== what || fraction < start.current.fraction)
    start.current = { ...now, what };
  const left = timeLeft(start.current, now);
  return left === undefined ? undefined : roughly(left);
}
