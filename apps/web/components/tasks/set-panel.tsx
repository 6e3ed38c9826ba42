"use client";

import { useEffect, useState } from "react";
import type { SetField } from "../../lib/tasks/use-set";
import { text } from "../../text/task-form";
import { Button } from "../ui/button";
import { ProgressBar } from "../ui/progress-bar";
import { ClassCounts } from "./class-counts";
import { useField } from "./fields";
import { FileDrop } from "./file-drop";
import { LeftOut } from "./left-out";
import { Sheet } from "./sheet";

type Props = {
  readonly path: "public" | "test";
  readonly title: string;
  readonly about: string;
  readonly classes: readonly string[];
  readonly choice: SetField;
  readonly isLost: boolean;
  /** Address of a sheet of what the task has. */
  readonly sheet?: string | undefined;
};

/** One set of the server's: what was dropped, and what it amounts to. */
export function SetPanel({ path, title, about, classes, choice, isLost, sheet }: Props) {
  const { files, reading, choose, there } = choice;
  const { below } = useField({ path });
  return (
    <section aria-labelledby={`t-${path}`}>
      <h3 id={`t-${path}`} className="text-sm font-semibold">
        {title}
      </h3>
      <p className="mt-1 mb-3 max-w-prose text-sm text-ink-soft">{about}</p>
      {files.length === 0 ? (
        <>
          {isLost && (
            <p role="status" className="mb-3 text-sm font-medium text-teacher-ink">
              {text.sets.lost}
            </p>
          )}
          {there && <There title={title} classes={classes} choice={choice} sheet={sheet} />}
          <FileDrop label={title} folders onFiles={choose}>
            {text.sets.drop(there !== undefined && choice.isKept)}
          </FileDrop>
        </>
      ) : (
        <div className="space-y-4">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="min-w-0 text-sm break-all text-ink-soft">{nameOf(choice)}</p>
            <Button onClick={() => choose([])}>{text.sets.remove}</Button>
          </div>
          {reading && <Outcome title={title} classes={classes} reading={reading} />}
        </div>
      )}
      <div id={`f-${path}`} tabIndex={-1}>
        {below}
      </div>
    </section>
  );
}

/** What the task has on the server, and whether that stays. */
function There({
  title,
  classes,
  choice,
  sheet,
}: Pick<Props, "title" | "classes" | "choice" | "sheet">) {
  const { there, isKept, keep } = choice;
  if (!there) return null;
  return (
    <div className="mb-5 space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-sm font-medium">
          {isKept ? text.sets.stays(there.samples) : text.sets.goes(there.samples)}
        </p>
        <Button onClick={() => keep(!isKept)}>
          {isKept ? text.sets.remove : text.sets.putBack}
        </Button>
      </div>
      {isKept && there.counts && (
        <div className="grid items-start gap-5 sm:grid-cols-2">
          {sheet && there.hasPictures && (
            <Sheet src={sheet} label={text.sets.pictures(title)} className="w-full max-w-80" />
          )}
          <ClassCounts classes={classes} counts={there.counts} />
        </div>
      )}
    </div>
  );
}

const nameOf = ({ files }: SetField) =>
  files.length === 1 ? files[0].path : text.sets.files(files[0].path.split("/")[0], files.length);

function Outcome({
  title,
  classes,
  reading,
}: Pick<Props, "title" | "classes"> & { readonly reading: NonNullable<SetField["reading"]> }) {
  if (reading.type === "failed")
    return (
      <p role="alert" className="text-sm font-medium text-bad">
        {reading.message}
      </p>
    );
  if (reading.type === "progress") {
    const { files, filesDone } = reading;
    return (
      <div>
        <p className="figures mb-2 text-sm text-ink-soft">{text.sets.reading(filesDone, files)}</p>
        <ProgressBar
          label={text.sets.readingLabel(title)}
          fraction={filesDone / Math.max(1, files)}
        />
      </div>
    );
  }
  const { set, counts, leftOut, sheet } = reading;
  return (
    <div className="space-y-4">
      <p role="status" className="text-sm font-medium">
        {text.sets.read(set.size, leftOut.length)}
      </p>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        {sheet && <SheetOf png={sheet} label={text.sets.pictures(title)} />}
        <ClassCounts classes={classes} counts={counts} />
      </div>
      <LeftOut files={leftOut} />
    </div>
  );
}

function SheetOf({ png, label }: { readonly png: Uint8Array; readonly label: string }) {
  const [src, setSrc] = useState<string>();
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>]));
    setSrc(url);
    return () => URL.revokeObjectURL(url);
  }, [png]);
  return src && <Sheet src={src} label={label} className="w-full max-w-80" />;
}
