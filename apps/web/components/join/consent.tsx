import type { ReactNode } from "react";
import { text } from "../../text/join-terms";
import { ArrowUpFromLine, Clock, Eye, Lock } from "../ui/icons";

/** Up to the end of its first sentence. */
const firstSentence = (said: string) => /^.*?\.(?= |$)/.exec(said)?.[0] ?? said;

/** What somebody agrees to by joining, in a few lines, some of them made from the experiment's settings. */
export function Consent({
  disclosure,
  kept,
}: {
  readonly disclosure: string | undefined;
  /** For how long what is sent is kept. */
  readonly kept: string | undefined;
}) {
  return (
    <ul aria-label={text.consent.label} className="space-y-2 text-sm">
      <Line term={text.consent.stays} icon={<Lock className="text-good" />}>
        {text.consent.staysText}
      </Line>
      <Line term={text.consent.sent} icon={<ArrowUpFromLine className="text-clients" />}>
        {disclosure === undefined ? (
          <span className="text-bad">{text.consent.undisclosed}</span>
        ) : (
          firstSentence(disclosure)
        )}
      </Line>
      <Line term={text.consent.seen} icon={<Eye className="text-ink-soft" />}>
        {text.consent.seenText}
      </Line>
      {kept !== undefined && (
        <Line term={text.consent.kept} icon={<Clock className="text-ink-soft" />}>
          {kept}
        </Line>
      )}
    </ul>
  );
}

function Line({
  term,
  icon,
  children,
}: {
  readonly term: string;
  readonly icon: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <li className="flex gap-2.5 [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0">
      {icon}
      <p className="min-w-0 text-ink-soft">
        <span className="font-medium text-ink">{text.consent.term(term)}</span> {children}
      </p>
    </li>
  );
}
