import type { Finding } from "@tandem/intake/own-data";
import { CircleAlert, CircleCheck, Info } from "lucide-react";
import type { ReactNode } from "react";
import { text } from "../../text/own-data";

/** What stands in the way, with the way out, then what is worth knowing. */
export function Findings({
  findings,
  children,
}: {
  readonly findings: readonly Finding[];
  /** Below them: what settles some. */
  readonly children?: ReactNode;
}) {
  return (
    <div className="space-y-3">
      <ul aria-live="polite" aria-label={text.findings.label} className="space-y-2">
        {findings.map(({ code, blocks, sentence }) => (
          <li
            key={code + sentence}
            className={`flex gap-3 rounded-lg px-4 py-3 text-sm [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0 ${blocks ? "bg-bad-soft text-bad" : "bg-sunken"}`}
          >
            {blocks ? <CircleAlert aria-hidden="true" /> : <Info aria-hidden="true" />}
            <span className="min-w-0 break-words">{sentence}</span>
          </li>
        ))}
        {!findings.some(({ blocks }) => blocks) && (
          <li className="flex gap-3 rounded-lg bg-good-soft px-4 py-3 text-sm text-good [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0">
            <CircleCheck aria-hidden="true" /> {text.findings.enough}
          </li>
        )}
      </ul>
      {children}
    </div>
  );
}
