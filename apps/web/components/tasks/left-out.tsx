import type { TaskUploadView } from "@tandem/protocol/view";
import { text } from "../../text/tasks";

const mostShown = 200;

/** Files that are no samples, each with its reason. */
export function LeftOut({
  files,
  count = files.length,
}: {
  readonly files: TaskUploadView["leftOut"];
  /** Of all, where `files` are the first of them. */
  readonly count?: number;
}) {
  if (count === 0) return null;
  const shown = files.slice(0, mostShown);
  return (
    <details open={count <= 5} className="rounded-xl border border-line p-4">
      <summary className="cursor-pointer text-sm font-medium">
        {text.files.countLeftOut(count)}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it */}
      <div className="mt-3 max-h-72 overflow-y-auto" tabIndex={0}>
        <ul aria-label={text.files.leftOut} className="space-y-3 text-sm">
          {shown.map(({ path, line, reason }, i) => (
            <li key={i}>
              <span className="font-mono text-xs break-all">
                {path}
                {line !== undefined && text.files.line(line)}
              </span>
              <span className="block text-ink-soft">{reason}</span>
            </li>
          ))}
          {count > shown.length && (
            <li className="text-ink-soft">{text.files.others(count - shown.length)}</li>
          )}
        </ul>
      </div>
    </details>
  );
}
