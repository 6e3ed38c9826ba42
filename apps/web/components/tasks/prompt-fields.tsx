"use client";

import { maxPrompts, mostAttributes } from "@tandem/protocol/task";
import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { wordPrompts } from "../../lib/tasks/prompts";
import { text } from "../../text/task-form";
import { Button } from "../ui/button";
import { Segmented } from "../ui/segmented";
import { Group, TextField } from "./fields";
import type { StepProps } from "./step";

const shown = 12;

/** What a teacher is asked for: words with attributes, or captions. */
export function PromptFields({ draft, change }: Pick<StepProps, "draft" | "change">) {
  return (
    <div className="space-y-7">
      <Group path="prompts" label={text.prompts.label} hint={text.prompts.hint}>
        <Segmented
          label={text.prompts.label}
          value={draft.prompts}
          options={[
            { value: "words", text: text.prompts.words },
            { value: "captions", text: text.prompts.captions },
          ]}
          onChange={(prompts) => change({ prompts })}
        />
      </Group>
      {draft.prompts === "words" && (
        <>
          <Attributes rows={draft.attributes} onRows={(attributes) => change({ attributes })} />
          <Preview draft={draft} />
        </>
      )}
    </div>
  );
}

function Attributes({
  rows,
  onRows,
}: {
  readonly rows: readonly string[];
  readonly onRows: (rows: readonly string[]) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  const adding = useRef<HTMLButtonElement>(null);
  const add = () => {
    onRows([...rows, ""]);
    // Once the row is there.
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus(),
    );
  };
  const remove = (row: number) => {
    onRows(rows.filter((_, i) => i !== row));
    requestAnimationFrame(() => adding.current?.focus());
  };
  return (
    <Group
      path="prompts.attributes"
      label={text.prompts.attributes}
      hint={text.prompts.attributesHint(mostAttributes, maxPrompts)}
    >
      {rows.length > 0 && (
        <ol ref={list} className="mb-3 space-y-3">
          {rows.map((words, row) => (
            <li key={row} className="flex items-start gap-2">
              <TextField
                path={`prompts.attributes.${row}`}
                label={text.prompts.row(row + 1)}
                placeholder={text.prompts.examples[row] ?? ""}
                className="flex-1"
                value={words}
                onText={(changed) => onRows(rows.map((one, i) => (i === row ? changed : one)))}
              />
              <Button
                tone="bare"
                className="mt-6.5 px-2.5"
                aria-label={text.prompts.remove(row + 1)}
                onClick={() => remove(row)}
              >
                <X aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ol>
      )}
      {rows.length < mostAttributes && (
        <Button ref={adding} className="mb-1" onClick={add}>
          <Plus aria-hidden="true" /> {text.prompts.add}
        </Button>
      )}
    </Group>
  );
}

/** The first prompts, and how many there are. */
function Preview({ draft }: Pick<StepProps, "draft">) {
  const { count, first } = wordPrompts(draft, shown);
  if (count === 0) return null;
  return (
    <div>
      <p role="status" className="mb-2 text-sm font-medium">
        {text.prompts.count(count)}
      </p>
      <ul aria-label={text.prompts.list} className="flex flex-wrap gap-2 text-sm">
        {first.map((prompt) => (
          <li key={prompt} className="max-w-full rounded-lg bg-sunken px-2.5 py-1 break-words">
            {prompt}
          </li>
        ))}
        {count > first.length && (
          <li className="figures py-1 text-ink-soft">{text.prompts.more(count - first.length)}</li>
        )}
      </ul>
    </div>
  );
}
