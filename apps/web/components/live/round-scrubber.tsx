"use client";

import { text } from "../../text/experiment";

/** One of some rounds, by a slider that arrow keys move too. */
export function RoundScrubber({
  label,
  rounds,
  value,
  onChange,
}: {
  readonly label: string;
  /** In rising order, one at least. */
  readonly rounds: readonly number[];
  readonly value: number;
  readonly onChange: (round: number) => void;
}) {
  const at = Math.max(0, rounds.indexOf(value));
  return (
    <label className="flex items-center gap-3 text-sm text-ink-soft">
      <span className="sr-only">{label}</span>
      <input
        type="range"
        min={0}
        max={Math.max(0, rounds.length - 1)}
        value={at}
        disabled={rounds.length < 2}
        aria-valuetext={text.lessons.round(value)}
        onChange={({ target }) => onChange(rounds[Number(target.value)])}
        className="w-28 accent-clients sm:w-40"
      />
      <output className="figures min-w-18 text-right text-ink">{text.lessons.round(value)}</output>
    </label>
  );
}
