import { formatBytes, formatPercent } from "@tandem/core/format";
import { clientPartsShare, partsOfClients } from "@tandem/datasets/client-parts";
import { isTaskId } from "@tandem/protocol/task";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { present } from "../../lib/live/presence";
import { measureText } from "../../lib/measured-on";

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
    measured(rounds, {
      label: view.measuredOn ? `Accuracy, ${measureText[view.measuredOn]}` : "Client accuracy",
      of: (metrics) => metrics["accuracy/mean"],
      since: "in round 1",
    }),
    ...(usesTeacher && partsOfClients(config.dataset)
      ? [
          measured(rounds, {
            label: "Participants' style",
            of: (metrics) => clientPartsShare(config.dataset, metrics, "teacher/part/"),
            before: (metrics) => clientPartsShare(config.dataset, metrics, "teacher/basePart/"),
            since: "before round 1",
          }),
        ]
      : []),
    ...(usesTeacher
      ? [
          measured(rounds, {
            label: "Teacher follows prompts",
            of: (metrics) => metrics["teacher/promptAccuracy"],
            before: (metrics) => metrics["teacher/basePromptAccuracy"],
            since: "before round 1",
          }),
        ]
      : []),
    {
      label: "Clients",
      value: String(over ? clients.length : here),
      note: over
        ? "took part"
        : isTaskId(config.dataset)
          ? `here, ${config.slots} at most`
          : `here, of ${config.slots} places`,
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

type Measure = (metrics: RoundView["metrics"]) => number | undefined;

/** The latest value of a share, and where it started: at `before`, if that is another. */
function measured(
  rounds: readonly RoundView[],
  {
    label,
    of,
    before = of,
    since,
  }: { readonly label: string; readonly of: Measure; before?: Measure; readonly since: string },
): Stat {
  const values = rounds.flatMap(({ metrics }) => of(metrics) ?? []);
  const [start] = rounds.flatMap(({ metrics }) => before(metrics) ?? []);
  const last = values.at(-1);
  if (last === undefined || start === undefined)
    return { label, value: "–", note: "not measured yet" };
  const moved = values.length > 1 || before !== of;
  return {
    label,
    value: formatPercent(last),
    note: moved ? `${formatPercent(start)} ${since}` : "after round 1",
  };
}
