"use client";

import type { TaskClass } from "@tandem/core/task";
import { useId, useState } from "react";
import type { Add } from "../../lib/own-data/collection";
import { linesOf, madeHere } from "../../lib/own-data/made-here";
import { text } from "../../text/own-data";
import { Button } from "../ui/button";
import { ClassSelect } from "./class-select";

const words = text.typing;

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
  const [typed, setTyped] = useState(initial);
  const [label, setLabel] = useState<number>();
  const lines = linesOf(typed);
  return (
    <form
      aria-label={words.title}
      className="space-y-3 rounded-xl border border-line p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (lines.length === 0 || label === undefined) return;
        const { files, folders } = madeHere(words.files, lines, classes, label);
        setTyped("");
        void onAdd(files, folders);
      }}
    >
      <label htmlFor={id} className="block text-sm font-medium">
        {words.field} <span className="font-normal text-ink-soft">{words.fieldNote}</span>
      </label>
      <textarea
        id={id}
        value={typed}
        rows={3}
        onChange={(event) => setTyped(event.target.value)}
        className="w-full rounded-lg border border-line-strong bg-surface px-3 py-2 text-sm"
      />
      <div className="flex flex-wrap items-center gap-2">
        <ClassSelect
          label={words.classOf}
          classes={classes}
          value={label}
          none={words.noClass}
          onChange={setLabel}
        />
        <Button type="submit" disabled={lines.length === 0 || label === undefined}>
          {words.add(lines.length)}
        </Button>
      </div>
    </form>
  );
}
