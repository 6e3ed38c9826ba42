"use client";

import { plural } from "@tandem/core/format";
import { maxPrompts, mostAttributes } from "@tandem/protocol/task";
import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { wordPrompts } from "../../lib/tasks/prompts";
import { Button } from "../ui/button";
import { Segmented } from "../ui/segmented";
import { Group, TextField } from "./fields";
import type { StepProps } from "./step";

const shown = 12;

/** What a teacher is asked for: words with attributes, or captions. */
export function PromptFields({ draft, change }: Pick<StepProps, "draft" | "change">) {
  return (
    <div className="space-y-7">
      <Group
        path="prompts"
        label="It is asked for"
        hint="Captions of the public set say more than a word, where it has them."
      >
        <Segmented
          label="It is asked for"
          value={draft.prompts}
          options={[
            { value: "words", text: "Words of the classes" },
            { value: "captions", text: "Captions of the public set" },
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
      label="Attributes"
      hint={`Words before that of the class, such as colours or sizes: each list with commas between them, up to ${mostAttributes} lists of 20 words. Every combination is asked for, ${maxPrompts.toLocaleString("en")} prompts at most.`}
    >
      {rows.length > 0 && (
        <ol ref={list} className="mb-3 space-y-3">
          {rows.map((text, row) => (
            <li key={row} className="flex items-start gap-2">
              <TextField
                path={`prompts.attributes.${row}`}
                label={`Attributes ${row + 1}`}
                placeholder={["red, green, yellow", "small, big"][row] ?? ""}
                className="flex-1"
                value={text}
                onText={(changed) => onRows(rows.map((one, i) => (i === row ? changed : one)))}
              />
              <Button
                tone="bare"
                className="mt-6.5 px-2.5"
                aria-label={`Remove attributes ${row + 1}`}
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
          <Plus aria-hidden="true" /> Add attributes
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
        {plural(count, "prompt")}
      </p>
      <ul aria-label="Prompts" className="flex flex-wrap gap-2 text-sm">
        {first.map((prompt) => (
          <li key={prompt} className="max-w-full rounded-lg bg-sunken px-2.5 py-1 break-words">
            {prompt}
          </li>
        ))}
        {count > first.length && (
          <li className="figures py-1 text-ink-soft">and {count - first.length} more</li>
        )}
      </ul>
    </div>
  );
}
