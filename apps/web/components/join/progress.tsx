import type { ClientState } from "@tandem/client/messages";
import { formatBytes, formatDuration, formatNumber, formatPercent } from "@tandem/core/format";
import type { ReactNode } from "react";
import { clientSentence } from "../../lib/join/client-sentence";
import { ownMeasureText } from "../../lib/measured-on";
import { ProgressBar } from "../ui/progress-bar";
import { useTimeLeft } from "./use-time-left";

/** Where this tab's model stands, in one sentence, one bar and a few numbers. */
export function Progress({
  state,
  children,
}: {
  readonly state: ClientState;
  /** What went wrong, below the sentence. */
  readonly children: ReactNode;
}) {
  const { phase, round, fraction, loss, history, bytesUp, bytesDown, assignment, stage } = state;
  const sentence = clientSentence(state);
  // Of the rest nobody knows how long it takes.
  const isMeasured = phase === "working" && stage !== undefined && stage !== "download";
  const left = useTimeLeft(`${round}/${stage}`, fraction);
  const accuracy = history.at(-1)?.accuracy;
  const chance = assignment && formatPercent(1 / assignment.classes.length);
  const numbers = [
    {
      label: "Round",
      value: `${Math.max(round, history.at(-1)?.round ?? 0)}`,
      note: assignment && `of ${assignment.rounds}`,
    },
    {
      label: "Accuracy",
      value: accuracy === undefined ? "–" : formatPercent(accuracy),
      note: assignment && `${ownMeasureText(assignment)}, chance ${chance}`,
    },
    { label: "Loss", value: loss === undefined ? "–" : formatNumber(loss), note: "nats, latest" },
    {
      label: "Sent",
      value: formatBytes(bytesUp),
      note: `${formatBytes(bytesDown)} received, since the page opened`,
    },
  ];
  return (
    <>
      <p aria-live="polite" className="min-h-14 text-lg font-medium sm:min-h-7">
        {sentence}
      </p>
      {isMeasured ? (
        <div className="mt-3 flex h-5 items-center gap-3">
          <ProgressBar label={sentence} fraction={fraction} className="flex-1" />
          <span className="figures min-w-20 text-right text-xs text-ink-soft">
            {left === undefined ? "measuring" : `${formatDuration(left)} left`}
          </span>
        </div>
      ) : (
        <div className="mt-3 h-5" /> // room for the bar: nothing moves when it comes and goes
      )}
      {children}
      <dl className="mt-6 grid grid-cols-2 gap-x-6 gap-y-5 sm:grid-cols-4">
        {numbers.map(({ label, value, note }) => (
          <div key={label} className="min-w-0">
            <dt className="text-sm text-ink-soft">{label}</dt>
            <dd className="mt-1">
              <span className="font-pixel text-2xl whitespace-nowrap">{value}</span>
              <span className="mt-0.5 block text-xs text-ink-faint">{note}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
