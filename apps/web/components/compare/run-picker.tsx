"use client";

import { useState } from "react";
import { type Choice, matching, type Wanted } from "../../lib/compare/choices";
import { mostRuns } from "../../lib/compare/query";
import { text } from "../../text/compare";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import { Labelled } from "../ui/labelled";
import { Panel } from "../ui/panel";

const words = text.choose;
const mostShown = 100;

type Props = {
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
};

/** All experiments, to search and tick. */
export function RunPicker({ choices, chosen, onChange }: Props) {
  const [wanted, setWanted] = useState<Wanted>({ words: "", tag: "", group: "", archived: false });
  const change = (changes: Partial<Wanted>) => setWanted({ ...wanted, ...changes });
  const found = matching(choices, wanted);
  const shown = found.slice(0, mostShown);
  const ids = found.map(({ id }) => id);
  const all = [...new Set([...chosen, ...ids])];
  const isFull = chosen.length >= mostRuns;
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <Panel title={words.title} description={words.most(mostRuns)}>
      <search className="grid gap-3" aria-label={words.title}>
        <Labelled className="min-w-0 flex-1" label={words.search}>
          {(id) => (
            <input
              id={id}
              type="search"
              autoComplete="off"
              placeholder={words.placeholder}
              value={wanted.words}
              onChange={({ target }) => change({ words: target.value })}
              className={`${inputLook} h-10`}
            />
          )}
        </Labelled>
        <div className="flex gap-3 empty:hidden">
          <Filter
            label={words.tag}
            options={choices.flatMap(({ tags }) => tags)}
            value={wanted.tag}
            onChange={(tag) => change({ tag })}
          />
          <Filter
            label={words.group}
            options={choices.flatMap(({ group }) => group ?? [])}
            value={wanted.group}
            onChange={(group) => change({ group })}
          />
        </div>
        {choices.some(({ archived }) => archived) && (
          <label className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-clients"
              checked={wanted.archived}
              onChange={({ target }) => change({ archived: target.checked })}
            />
            {words.archived}
          </label>
        )}
      </search>
      {found.length === 0 ? (
        <p className="mt-4 text-sm text-ink-soft">{words.nothing}</p>
      ) : (
        <ul
          aria-label={words.list}
          className="mt-4 max-h-72 divide-y divide-line overflow-y-auto rounded-lg border border-line"
        >
          {shown.map((choice) => (
            <ChoiceRow
              key={choice.id}
              choice={choice}
              isChosen={chosen.includes(choice.id)}
              isFull={isFull}
              onToggle={() => toggle(choice.id)}
            />
          ))}
        </ul>
      )}
      {found.length > mostShown && (
        <p className="mt-2 text-xs text-ink-soft">{words.more(found.length - mostShown)}</p>
      )}
      {isFull && <p className="mt-2 text-xs text-ink-soft">{words.isFull(mostRuns)}</p>}
      <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
        {found.length > 1 && all.length > chosen.length && all.length <= mostRuns && (
          <Button onClick={() => onChange(all)}>{words.all(found.length)}</Button>
        )}
        {chosen.length > 0 && (
          <Button tone="bare" onClick={() => onChange([])}>
            {words.clear}
          </Button>
        )}
      </div>
    </Panel>
  );
}

function ChoiceRow({
  choice,
  isChosen,
  isFull,
  onToggle,
}: {
  readonly choice: Choice;
  readonly isChosen: boolean;
  readonly isFull: boolean;
  readonly onToggle: () => void;
}) {
  const { name, strategy, task, seed, tags, archived } = choice;
  const more = [...tags, ...(archived ? [words.isArchived] : [])];
  return (
    <li>
      <label className="flex cursor-pointer items-start gap-2.5 px-3 py-2 hover:bg-sunken has-focus-visible:bg-sunken">
        <input
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-clients"
          checked={isChosen}
          disabled={isFull && !isChosen}
          onChange={onToggle}
        />
        <span className="min-w-0">
          <span className="block text-sm font-medium break-words">{name}</span>
          <span className="block text-xs break-words text-ink-soft">
            {[words.of(strategy, task, seed), ...more].join(" · ")}
          </span>
        </span>
      </label>
    </li>
  );
}

/** Drawn where there is anything to choose among. */
function Filter({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const distinct = [...new Set(options)].sort();
  if (distinct.length === 0) return null;
  return (
    <Labelled className="min-w-0 flex-1" label={label}>
      {(id) => (
        <select
          id={id}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          className={`${inputLook} h-10`}
        >
          <option value="">{words.any}</option>
          {distinct.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
