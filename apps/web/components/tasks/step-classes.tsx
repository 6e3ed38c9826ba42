"use client";

import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { classesOfText, type DraftClass, withClasses } from "../../lib/tasks/draft";
import { lockOf } from "../../lib/tasks/use-sets";
import { text } from "../../text/task-form";
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
      <Group path="classes" label={text.classes.label} hint={text.classes.hint}>
        {lock !== undefined && <Locked why={text.classes.locked(lock)} />}
        <ol ref={list} className="space-y-4 sm:space-y-3">
          {classes.map((one, row) => (
            <li
              key={row}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-2 gap-y-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]"
            >
              <TextField
                path={`classes.${row}.name`}
                label={text.classes.name(row + 1)}
                readOnly={lock !== undefined}
                value={one.name}
                onText={(name) => edit(row, { name })}
              />
              <TextField
                path={`classes.${row}.words`}
                label={text.classes.words}
                aria-label={text.classes.wordsOf(row + 1)}
                placeholder={one.name && text.classes.example(one.name)}
                className="col-span-2 row-start-2 sm:col-span-1 sm:col-start-2 sm:row-start-1"
                value={one.words}
                onText={(words) => edit(row, { words })}
              />
              <Button
                tone="bare"
                className="mt-6.5 px-2.5 sm:col-start-3"
                aria-label={text.classes.remove(row + 1)}
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
            <Plus aria-hidden="true" /> {text.classes.add}
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
  const [list, setList] = useState("");
  const found = classesOfText(list);
  return (
    <details className="border-t border-line pt-4">
      <summary className="cursor-pointer rounded-lg py-1 text-sm font-medium">
        {text.classes.paste}
      </summary>
      <label htmlFor="class-list" className="mt-3 mb-1.5 block text-sm text-ink-soft">
        {text.classes.pasteHint} <code>{text.classes.pasteExample}</code>
      </label>
      <textarea
        id="class-list"
        rows={6}
        value={list}
        onChange={({ target }) => setList(target.value)}
        className={`${inputLook} py-2 font-mono`}
      />
      <Button
        className="mt-2"
        disabled={found.length === 0}
        onClick={() => {
          onClasses(found);
          setList("");
        }}
      >
        {found.length === 0 ? text.classes.addNone : text.classes.addMany(found.length)}
      </Button>
    </details>
  );
}
