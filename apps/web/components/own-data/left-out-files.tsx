import type { Intake } from "@tandem/intake/intake";
import { useState } from "react";
import { text } from "../../text/own-data";
import { Details } from "../ui/details";

const words = text.leftOut;

/** Of one group; the rest is counted. */
const most = 100;

type Line = { readonly path: string; readonly sentence: string };

/** Every file and line that is not used, with its reason, and remarks on those that are; open where that is all there is. */
export function LeftOutFiles({ intake: { leftOut, notes, samples } }: { readonly intake: Intake }) {
  const isAll = samples.length === 0;
  const [isOpen, setIsOpen] = useState(isAll);
  if (leftOut.length + notes.length === 0) return null;
  const codes = [...new Set(leftOut.map(({ code }) => code))];
  const title = [
    ...(leftOut.length > 0 ? [words.title(leftOut.length)] : []),
    ...(notes.length > 0 ? [words.remarks(notes.length)] : []),
  ].join(", ");
  return (
    <Details title={title} isOpen={isOpen} onToggle={setIsOpen}>
      <div className="space-y-2">
        {codes.map((code) => (
          <Group
            key={code}
            title={words.groups[code]}
            lines={leftOut.filter((one) => one.code === code)}
            isOpen={isAll}
          />
        ))}
        {notes.length > 0 && <Group title={words.used} lines={notes} />}
      </div>
    </Details>
  );
}

function Group({
  title,
  lines,
  isOpen = false,
}: {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly isOpen?: boolean;
}) {
  return (
    <details open={isOpen}>
      <summary className="min-h-10 cursor-pointer rounded-lg py-2 text-sm font-medium">
        {title} <span className="figures font-normal text-ink-soft">{lines.length}</span>
      </summary>
      <ul className="max-h-72 overflow-y-auto border-l-2 border-line pl-4 text-sm">
        {lines.slice(0, most).map(({ path, sentence }, i) => (
          <li key={i} className="py-1">
            <span className="block font-mono text-xs break-all text-ink-soft">{path}</span>
            {sentence}
          </li>
        ))}
        {lines.length > most && (
          <li className="py-1 text-ink-soft">{text.more(lines.length - most)}</li>
        )}
      </ul>
    </details>
  );
}
