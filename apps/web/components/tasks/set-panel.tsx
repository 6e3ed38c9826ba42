"use client";

import { plural } from "@tandem/core/format";
import { useEffect, useState } from "react";
import type { SetField } from "../../lib/tasks/use-set";
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
  readonly text: string;
  readonly classes: readonly string[];
  readonly choice: SetField;
  readonly isLost: boolean;
  /** Address of a sheet of what the task has. */
  readonly sheet?: string | undefined;
};

/** One set of the server's: what was dropped, and what it amounts to. */
export function SetPanel({ path, title, text, classes, choice, isLost, sheet }: Props) {
  const { files, reading, choose, there } = choice;
  const { below } = useField({ path });
  return (
    <section aria-labelledby={`t-${path}`}>
      <h3 id={`t-${path}`} className="text-sm font-semibold">
        {title}
      </h3>
      <p className="mt-1 mb-3 max-w-prose text-sm text-ink-soft">{text}</p>
      {files.length === 0 ? (
        <>
          {isLost && (
            <p role="status" className="mb-3 text-sm font-medium text-teacher-ink">
              The page was loaded again, which loses files: choose them once more, or go on without.
            </p>
          )}
          {there && <There title={title} classes={classes} choice={choice} sheet={sheet} />}
          <FileDrop label={title} folders onFiles={choose}>
            {there && choice.isKept && "To put another set in its place: "}
            {there && choice.isKept ? "drop" : "Drop"} a zip or a folder here, with a folder of
            pictures for each class, and their texts in metadata.csv if they have any.
          </FileDrop>
        </>
      ) : (
        <div className="space-y-4">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="min-w-0 text-sm break-all text-ink-soft">{nameOf(choice)}</p>
            <Button onClick={() => choose([])}>Take it away</Button>
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
          {isKept
            ? `${plural(there.samples, "sample")} in the task`
            : `${plural(there.samples, "sample")} will be taken out of the task`}
        </p>
        <Button onClick={() => keep(!isKept)}>{isKept ? "Take it away" : "Put it back"}</Button>
      </div>
      {isKept && there.counts && (
        <div className="grid items-start gap-5 sm:grid-cols-2">
          {sheet && there.hasPictures && (
            <Sheet src={sheet} label={`Pictures: ${title}`} className="w-full max-w-80" />
          )}
          <ClassCounts classes={classes} counts={there.counts} />
        </div>
      )}
    </div>
  );
}

const nameOf = ({ files }: SetField) =>
  files.length === 1 ? files[0].path : `${files[0].path.split("/")[0]}/, ${files.length} files`;

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
        <p className="figures mb-2 text-sm text-ink-soft">
          Reading {filesDone} of {plural(files, "file")}
        </p>
        <ProgressBar label={`Reading: ${title}`} fraction={filesDone / Math.max(1, files)} />
      </div>
    );
  }
  const { set, counts, leftOut, sheet } = reading;
  return (
    <div className="space-y-4">
      <p role="status" className="text-sm font-medium">
        {plural(set.size, "sample")}
        {leftOut.length > 0 && `, ${leftOut.length} left out`}
      </p>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        {sheet && <SheetOf png={sheet} label={`Pictures: ${title}`} />}
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
