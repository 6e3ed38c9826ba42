import { formatBytes, formatPercent } from "@tandem/core/format";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { present } from "../../lib/live/presence";

type Props = { readonly view: ExperimentView; readonly usesTeacher: boolean };
type Stat = { readonly label: string; readonly value: string; readonly note: string };

/** Where the experiment stands, in a few numbers. */
export function StatStrip({ view, usesTeacher }: Props) {
  const { round, rounds, config, status, clients } = view;
  const over = status === "finished";
  const sum = (side: "bytesUp" | "bytesDown") =>
    formatBytes(rounds.reduce((total, r) => total + r[side], 0));
  const here = present(clients).length;
  const stats: readonly Stat[] = [
    { label: "Round", value: `${round}`, note: `of ${config.rounds}` },
    measured("Client accuracy", rounds, "accuracy/mean", (first) => `from ${first} in round 1`),
    ...(usesTeacher
      ? [
          measured(
            "Teacher follows prompts",
            rounds,
            "teacher/promptAccuracy",
            (first) => `from ${first} before the first round`,
            "teacher/basePromptAccuracy",
          ),
        ]
      : []),
    {
      label: "Clients",
      value: String(over ? clients.length : here),
      note: over ? "took part" : `here, of ${config.slots} places`,
    },
    { label: "Sent by clients", value: sum("bytesUp"), note: `${sum("bytesDown")} received` },
  ];
  return (
    <dl className="flex flex-wrap gap-px overflow-hidden rounded-2xl border border-line bg-line">
      {stats.map(({ label, value, note }) => (
        <div
          key={label}
          className="flex min-w-[40%] flex-1 flex-col justify-between bg-surface p-4 sm:min-w-40 sm:px-6 sm:py-5"
        >
          <dt className="text-sm text-ink-soft">{label}</dt>
          <dd className="mt-2">
            <span className="font-pixel text-2xl whitespace-nowrap sm:text-3xl">{value}</span>
            <span className="mt-1 block text-xs text-ink-faint">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The latest value of a share, and where it started. */
function measured(
  label: string,
  rounds: readonly RoundView[],
  metric: string,
  since: (first: string) => string,
  startMetric = metric,
): Stat {
  const values = rounds.flatMap(({ metrics }) => metrics[metric] ?? []);
  const start = rounds.find(({ metrics }) => startMetric in metrics)?.metrics[startMetric];
  const last = values.at(-1);
  if (last === undefined || start === undefined)
    return { label, value: "–", note: "not measured yet" };
  const moved = values.length > 1 || startMetric !== metric;
  return {
    label,
    value: formatPercent(last),
    note: moved ? since(formatPercent(start)) : "after round 1",
  };
}
