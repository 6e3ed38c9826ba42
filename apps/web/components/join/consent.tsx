import type { ReactNode } from "react";
import { ArrowUpFromLine, Clock, Eye, Lock } from "../ui/icons";

/** Up to the end of its first sentence. */
const firstSentence = (text: string) => /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;

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
    <ul aria-label="What you agree to" className="space-y-2 text-sm">
      <Line term="Stays here" icon={<Lock className="text-good" />}>
        the samples, your files and the rest of this device.
      </Line>
      <Line term="Sent" icon={<ArrowUpFromLine className="text-clients" />}>
        {disclosure === undefined ? (
          <span className="text-bad">
            this strategy does not say what. Ask whoever runs this server before you join.
          </span>
        ) : (
          firstSentence(disclosure)
        )}
      </Line>
      <Line term="Seen by others" icon={<Eye className="text-ink-soft" />}>
        this tab's name, its accuracy and what it computes with.
      </Line>
      {kept !== undefined && (
        <Line term="Kept" icon={<Clock className="text-ink-soft" />}>
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
        <span className="font-medium text-ink">{term}:</span> {children}
      </p>
    </li>
  );
}
