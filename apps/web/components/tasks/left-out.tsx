import { plural } from "@tandem/core/format";
import type { TaskUploadView } from "@tandem/protocol/view";

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
        {plural(count, "file or line", "files or lines")} left out
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it */}
      <div className="mt-3 max-h-72 overflow-y-auto" tabIndex={0}>
        <ul aria-label="Left out" className="space-y-3 text-sm">
          {shown.map(({ path, line, reason }, i) => (
            <li key={i}>
              <span className="font-mono text-xs break-all">
                {path}
                {line !== undefined && `, line ${line}`}
              </span>
              <span className="block text-ink-soft">{reason}</span>
            </li>
          ))}
          {count > shown.length && (
            <li className="text-ink-soft">and {plural(count - shown.length, "other")}</li>
          )}
        </ul>
      </div>
    </details>
  );
}
