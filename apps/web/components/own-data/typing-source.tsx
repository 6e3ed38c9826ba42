"use client";

import { plural } from "@tandem/core/format";
import type { TaskClass } from "@tandem/core/task";
import { useId, useState } from "react";
import type { Add } from "../../lib/own-data/collection";
import { linesOf, madeHere } from "../../lib/own-data/made-here";
import { Button } from "../ui/button";
import { ClassSelect } from "./class-select";

/** Captions that are typed or pasted, one a line, with their class. */
export function TypingSource({
  classes,
  initial,
  onAdd,
}: {
  readonly classes: readonly TaskClass[];
  readonly initial: string;
  readonly onAdd: Add;
}) {
  const id = useId();
  const [text, setText] = useState(initial);
  const [label, setLabel] = useState<number>();
  const lines = linesOf(text);
  return (
    <form
      aria-label="Type captions"
      className="space-y-3 rounded-xl border border-line p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (lines.length === 0 || label === undefined) return;
        const { files, folders } = madeHere("Typed", lines, classes, label);
        setText("");
        void onAdd(files, folders);
      }}
    >
      <label htmlFor={id} className="block text-sm font-medium">
        Captions <span className="font-normal text-ink-soft">(one a line)</span>
      </label>
      <textarea
        id={id}
        value={text}
        rows={3}
        onChange={(event) => setText(event.target.value)}
        className="w-full rounded-lg border border-line-strong bg-surface px-3 py-2 text-sm"
      />
      <div className="flex flex-wrap items-center gap-2">
        <ClassSelect
          label="Class of the captions"
          classes={classes}
          value={label}
          none="Choose their class"
          onChange={setLabel}
        />
        <Button type="submit" disabled={lines.length === 0 || label === undefined}>
          Add {lines.length > 1 ? plural(lines.length, "caption") : "caption"}
        </Button>
      </div>
    </form>
  );
}
