"use client";

import { plural } from "@tandem/core/format";
import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { classesOfText, type DraftClass, withClasses } from "../../lib/tasks/draft";
import { lockOf } from "../../lib/tasks/use-sets";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import { Group, Locked, TextField } from "./fields";
import type { StepProps } from "./step";

export function StepClasses({ draft: { classes }, change, sets }: StepProps) {
  const lock = lockOf(sets);
  const list = useRef<HTMLOListElement>(null);
  const edit = (row: number, changes: Partial<DraftClass>) =>
    change({ classes: classes.map((one, i) => (i === row ? { ...one, ...changes } : one)) });
  const add = () => {
    change({ classes: [...classes, { name: "", words: "" }] });
    // Once the row is there.
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus(),
    );
  };
  return (
    <div className="space-y-6">
      <Group
        path="classes"
        label="Classes"
        hint="What a sample can be, 2 to 64. A folder of pictures with a class's name or one of its words is read as that class; the first word is what the teacher is asked to paint."
      >
        {lock !== undefined && <Locked>{lock} these classes: their words can change.</Locked>}
        <ol ref={list} className="space-y-4 sm:space-y-3">
          {classes.map((one, row) => (
            <li
              key={row}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-2 gap-y-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]"
            >
              <TextField
                path={`classes.${row}.name`}
                label={`Class ${row + 1}`}
                readOnly={lock !== undefined}
                value={one.name}
                onText={(name) => edit(row, { name })}
              />
              <TextField
                path={`classes.${row}.words`}
                label="Words for it"
                aria-label={`Words for it, class ${row + 1}`}
                placeholder={one.name && `${one.name}, …`}
                className="col-span-2 row-start-2 sm:col-span-1 sm:col-start-2 sm:row-start-1"
                value={one.words}
                onText={(words) => edit(row, { words })}
              />
              <Button
                tone="bare"
                className="mt-6.5 px-2.5 sm:col-start-3"
                aria-label={`Remove class ${row + 1}`}
                disabled={classes.length <= 2 || lock !== undefined}
                onClick={() => change({ classes: classes.filter((_, i) => i !== row) })}
              >
                <X aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ol>
        {lock === undefined && (
          <Button className="mt-4 mb-1" onClick={add}>
            <Plus aria-hidden="true" /> Add a class
          </Button>
        )}
      </Group>
      {lock === undefined && (
        <PasteList onClasses={(more) => change({ classes: withClasses(classes, more) })} />
      )}
    </div>
  );
}

function PasteList({ onClasses }: { readonly onClasses: (more: readonly DraftClass[]) => void }) {
  const [text, setText] = useState("");
  const found = classesOfText(text);
  return (
    <details className="border-t border-line pt-4">
      <summary className="cursor-pointer rounded-lg py-1 text-sm font-medium">Paste a list</summary>
      <label htmlFor="class-list" className="mt-3 mb-1.5 block text-sm text-ink-soft">
        A class a line, with words for it after a colon: <code>apple: pippin, cox</code>
      </label>
      <textarea
        id="class-list"
        rows={6}
        value={text}
        onChange={({ target }) => setText(target.value)}
        className={`${inputLook} py-2 font-mono`}
      />
      <Button
        className="mt-2"
        disabled={found.length === 0}
        onClick={() => {
          onClasses(found);
          setText("");
        }}
      >
        {found.length === 0 ? "Add them" : `Add ${plural(found.length, "class", "classes")}`}
      </Button>
    </details>
  );
}
