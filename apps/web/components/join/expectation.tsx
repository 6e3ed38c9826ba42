import { formatBytes, formatDuration, plural } from "@tandem/core/format";
import type { Expectation as Costs } from "../../lib/join/expectation";
import { roughly } from "../../lib/join/time-left";

/** Time and bytes that taking part costs. */
export function Expectation({ expectation }: { readonly expectation: Costs }) {
  const { rounds, time, download, perRound } = expectation;
  const duration = formatDuration(roughly(time.ms));
  const costs = [
    {
      label: "Time",
      value: time.isLimit ? `up to ${duration}` : `about ${duration}`,
      note: time.isLimit
        ? `of computing, for ${plural(rounds, "round")}`
        : `for ${plural(rounds, "more round")}`,
    },
    { label: "Download", value: formatBytes(download), note: "once, kept for the next visit" },
    {
      label: "Each round",
      value: perRound ? formatBytes(perRound.up + perRound.down) : "not known yet",
      note: perRound ? `${formatBytes(perRound.up)} of it sent` : "no round has ended",
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
