import { formatBytes, formatPercent } from "@tandem/core/format";
import { clientPartsShare, partsOfClients } from "@tandem/datasets/client-parts";
import type { LocalOnlyView } from "@tandem/protocol/live-view";
import { isTaskId } from "@tandem/protocol/task";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { bytesOf } from "../../lib/live/bytes";
import { present } from "../../lib/live/presence";
import { measureText } from "../../lib/measured-on";
import { text } from "../../text/experiment";

type Props = {
  readonly view: ExperimentView;
  readonly usesTeacher: boolean;
  readonly local: LocalOnlyView | undefined;
  /** Was over when the page was opened: nothing is to come. */
  readonly isOver: boolean;
};
type Stat = {
  readonly label: string;
  readonly value: string;
  readonly notes: readonly string[];
  readonly isKnown?: boolean;
};

const words = text.stats;

/** What the run has reached, and where it stands, in a few numbers; what is unknown has room while it may come. */
export function StatStrip({ view, usesTeacher, local, isOver }: Props) {
  const { round, rounds, config } = view;
  const { sent, received, data } = bytesOf(view);
  const isStyled = usesTeacher && partsOfClients(config.dataset) !== undefined;
  const stats: readonly Stat[] = [
    accuracyStat(view, local),
    ...(isStyled
      ? [
          measured(rounds, {
            label: words.style,
            of: (metrics) => clientPartsShare(config.dataset, metrics, "teacher/part/"),
            before: (metrics) => clientPartsShare(config.dataset, metrics, "teacher/basePart/"),
            since: words.sinceBase,
          }),
        ]
      : []),
    ...(usesTeacher
      ? [
          measured(rounds, {
            label: words.prompts,
            of: (metrics) => metrics["teacher/promptAccuracy"],
            before: (metrics) => metrics["teacher/basePromptAccuracy"],
            since: words.sinceBase,
          }),
        ]
      : []),
    { label: words.round, value: `${round}`, notes: [words.ofRounds(config.rounds)] },
    clientsStat(view),
    {
      label: words.sent,
      value: formatBytes(sent),
      notes: [words.received(formatBytes(received), data > 0 ? formatBytes(data) : undefined)],
      isKnown: sent > 0,
    },
  ];
  const shown = stats.filter(({ isKnown = true }) => isKnown || view.status === "running");
  return (
    <dl className="flex flex-wrap gap-px overflow-hidden rounded-2xl border border-line bg-line">
      {shown.map(({ label, value, notes }, i) => (
        <div key={label} className="min-w-[40%] flex-1 bg-surface p-4 sm:min-w-40 sm:px-6 sm:py-5">
          <dt className="text-sm text-ink-soft">{label}</dt>
          <dd className="mt-2">
            <span
              className={`font-pixel whitespace-nowrap ${i === 0 ? "text-3xl sm:text-4xl" : "text-2xl sm:text-3xl"}`}
            >
              {value}
            </span>
            {/* Room for two lines from the start, so that what is measured moves nothing below. */}
            <span
              className={`mt-1 block space-y-1 text-xs text-ink-faint ${isOver ? "" : "min-h-9"}`}
            >
              {notes.map((note) => (
                <span key={note} className="block">
                  {note}
                </span>
              ))}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const accuracyOf: Measure = (metrics) => metrics["accuracy/mean"];

function accuracyStat({ rounds, measuredOn }: ExperimentView, local?: LocalOnlyView): Stat {
  const stat = measured(rounds, {
    label: measuredOn ? words.accuracyOn(measureText[measuredOn]) : words.accuracy,
    of: accuracyOf,
    since: words.sinceFirst,
  });
  const last = rounds.findLast(({ metrics }) => accuracyOf(metrics) !== undefined);
  const alone = last && local?.accuracy[last.round - 1];
  const reached = last && accuracyOf(last.metrics);
  if (alone == null || reached === undefined) return stat;
  return { ...stat, notes: [...stat.notes, words.overLocal(reached - alone)] };
}

function clientsStat({ status, clients, config }: ExperimentView): Stat {
  const over = status === "finished";
  const note = isTaskId(config.dataset)
    ? words.hereAtMost(config.slots)
    : words.hereOf(config.slots);
  return {
    label: words.clients,
    value: String(over ? clients.length : present(clients).length),
    notes: [over ? words.tookPart : note],
    isKnown: clients.length > 0,
  };
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
    return { label, value: words.unknown, notes: [words.later], isKnown: false };
  const hasMoved = values.length > 1 || before !== of;
  return {
    label,
    value: formatPercent(last),
    notes: [hasMoved ? words.moved(last - start, start, since) : words.later],
  };
}
