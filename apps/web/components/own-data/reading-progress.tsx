import type { Progress } from "@tandem/intake/intake";
import { roughly } from "../../lib/join/time-left";
import { text } from "../../text/own-data";
import { Button } from "../ui/button";
import { ProgressBar } from "../ui/progress-bar";

/** How far the reading of files is, and a way to end it. */
export function ReadingProgress({
  progress,
  onCancel,
}: {
  readonly progress: Progress;
  readonly onCancel: () => void;
}) {
  const { files, filesDone, bytes, bytesDone, leftOut, remainingMs } = progress;
  return (
    <div className="rounded-xl border border-line p-4">
      <div className="flex items-center justify-between gap-4">
        <p role="status" className="text-sm font-medium">
          {text.reading.title(files)}
        </p>
        <Button onClick={onCancel}>{text.reading.cancel}</Button>
      </div>
      <ProgressBar
        label={text.reading.label}
        fraction={bytes > 0 ? bytesDone / bytes : 0}
        className="mt-3"
      />
      <p className="figures mt-2 flex flex-wrap gap-x-4 text-xs text-ink-soft">
        <span>{text.reading.done(filesDone, bytesDone, bytes)}</span>
        {leftOut > 0 && <span>{text.reading.leftOut(leftOut)}</span>}
        {remainingMs !== undefined && <span>{text.reading.left(roughly(remainingMs))}</span>}
      </p>
    </div>
  );
}
