"use client";

import { confirmGuesses } from "@tandem/intake/changes";
import type { Intake } from "@tandem/intake/intake";
import { findingsOf } from "@tandem/intake/own-data";
import { HardDriveDownload, Undo2 } from "lucide-react";
import { useMemo } from "react";
import type { Change, OwnTask } from "../../lib/own-data/collection";
import { text } from "../../text/own-data";
import { Button } from "../ui/button";
import { ClassHistogram } from "./class-histogram";
import { Findings } from "./findings";
import { FolderClasses } from "./folder-classes";
import { LeftOutFiles } from "./left-out-files";
import { SampleGrid } from "./sample-grid";
import { TableColumns } from "./table-columns";

type Props = {
  readonly intake: Intake;
  readonly task: OwnTask;
  /** Something is read or written. */
  readonly isBusy: boolean;
  readonly isKeeping: boolean;
  readonly canUndo: boolean;
  /** There is data already, in whose place this comes. */
  readonly replaces: boolean;
  readonly onChange: Change;
  readonly onUndo: () => void;
  readonly onClear: () => void;
  readonly onKeep: () => void;
};

/** What was read, to be looked at and put right before anything is made of it. */
export function Review({ intake, task, onChange, ...props }: Props) {
  const findings = useMemo(() => findingsOf(intake, task), [intake, task]);
  const isBlocked = findings.some(({ blocks }) => blocks);
  const guesses = intake.folders.filter(({ guess }) => guess !== undefined).length;
  return (
    <div className="space-y-6">
      <ClassHistogram intake={intake} task={task} />
      <Findings findings={findings}>
        {guesses > 1 && (
          <Button onClick={() => onChange(confirmGuesses)}>{text.findings.confirm}</Button>
        )}
      </Findings>
      <TableColumns intake={intake} onChange={onChange} />
      <FolderClasses intake={intake} task={task} onChange={onChange} />
      <SampleGrid intake={intake} task={task} onChange={onChange} />
      <LeftOutFiles intake={intake} />
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-5">
        <Button
          tone="primary"
          className="min-h-12 px-6 text-base"
          disabled={isBlocked || props.isBusy}
          onClick={props.onKeep}
        >
          <HardDriveDownload aria-hidden="true" />
          {props.isKeeping
            ? text.keep.writing
            : props.replaces
              ? text.keep.replace
              : text.keep.keep}
        </Button>
        <Button disabled={!props.canUndo || props.isBusy} onClick={props.onUndo}>
          <Undo2 aria-hidden="true" /> {text.keep.undo}
        </Button>
        <Button tone="bare" disabled={props.isBusy} onClick={props.onClear}>
          {text.keep.startOver}
        </Button>
      </div>
    </div>
  );
}
