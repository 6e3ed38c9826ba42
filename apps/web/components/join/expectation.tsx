import { formatBytes, formatDuration } from "@tandem/core/format";
import type { Expectation as Costs } from "../../lib/join/expectation";
import { roughly } from "../../lib/join/time-left";
import { text } from "../../text/join-terms";

const words = text.costs;

/** Time and bytes that taking part costs. */
export function Expectation({ expectation }: { readonly expectation: Costs }) {
  const { rounds, time, download, perRound } = expectation;
  const duration = formatDuration(roughly(time.ms));
  const costs = [
    {
      label: words.time,
      value: time.isLimit ? words.atMost(duration) : words.about(duration),
      note: time.isLimit ? words.computing(rounds) : words.more(rounds),
    },
    { label: words.download, value: formatBytes(download), note: words.once },
    {
      label: words.round,
      value: perRound ? formatBytes(perRound.up + perRound.down) : words.unknown,
      note: perRound ? words.sent(formatBytes(perRound.up)) : words.noRound,
    },
  ];
  return (
    <dl className="grid grid-cols-3 gap-x-4 gap-y-4 lg:grid-cols-1">
      {costs.map(({ label, value, note }) => (
        <div key={label} className="min-w-0">
          <dt className="text-xs text-ink-soft sm:text-sm">{label}</dt>
          <dd className="mt-0.5">
            <span className="text-sm font-semibold sm:text-lg">{value}</span>
            <span className="mt-0.5 block text-xs text-ink-faint">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
