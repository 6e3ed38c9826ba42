import type { ClientState } from "@tandem/client/messages";
import { formatBytes, formatNumber, formatPercent } from "@tandem/core/format";
import type { ReactNode } from "react";
import { clientSentence } from "../../lib/join/client-sentence";
import { ownMeasureText } from "../../lib/measured-on";
import { text } from "../../text/taking-part";
import { ProgressBar } from "../ui/progress-bar";
import { useTimeLeft } from "./use-time-left";

const words = text.progress;

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
  const numbers = [
    {
      label: words.round,
      value: `${Math.max(round, history.at(-1)?.round ?? 0)}`,
      note: assignment && words.of(assignment.rounds),
    },
    {
      label: words.accuracy,
      value: accuracy === undefined ? words.unknown : formatPercent(accuracy),
      note: assignment && words.measuredOn(ownMeasureText(assignment), assignment.classes.length),
    },
    {
      label: words.loss,
      value: loss === undefined ? words.unknown : formatNumber(loss),
      note: words.lossNote,
    },
    {
      label: words.sent,
      value: formatBytes(bytesUp),
      note: words.received(bytesDown),
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
            {left === undefined ? words.measuring : words.left(left)}
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
