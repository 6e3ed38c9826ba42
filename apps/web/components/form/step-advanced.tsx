"use client";

import type { TaskView } from "@tandem/protocol/view";
import { type ReactNode, useId } from "react";
import { useWatch } from "react-hook-form";
import type { FormValues } from "../../lib/form/experiment-form";
import { changedOf, groupsOf, ofGroup, type Setting, search } from "../../lib/form/settings";
import { text } from "../../text/new-experiment";
import { Segmented } from "../ui/segmented";
import { inputLook } from "./field-input";
import { Fields } from "./fields";

/** What of Advanced is open. */
export type Looked = { readonly group: string; readonly query: string };

type Props = {
  readonly settings: readonly Setting[];
  readonly tasks: readonly TaskView[];
  readonly looked: Looked;
  readonly look: (looked: Looked) => void;
};
const said = text.advanced;
/** Few enough for a screen. */
const mostFound = 9;

export function StepAdvanced({ settings, tasks, looked: { group, query }, look }: Props) {
  const id = useId();
  const values = useWatch() as FormValues;
  const under = settings.filter(({ step }) => step === 3);
  const groups = groupsOf(settings);
  const open = groups.includes(group) ? group : groups[0];
  const found = search(settings, query);
  const changed = changedOf(under, values);
  const isSearch = query.trim() !== "";
  return (
    <>
      <label htmlFor={id} className="sr-only">
        {said.search}
      </label>
      <input
        id={id}
        type="search"
        value={query}
        placeholder={said.search}
        autoComplete="off"
        onChange={({ target }) => look({ group: open, query: target.value })}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault(); // it is no way to the next step
        }}
        className={`${inputLook} mb-4 h-10 max-w-md placeholder:text-ink-faint`}
      />
      <p role="status" className={isSearch ? "mb-4 text-sm text-ink-soft" : "sr-only"}>
        {isSearch && said.found(found.length)}
      </p>
      {isSearch ? (
        <>
          <Fields settings={found.slice(0, mostFound)} tasks={tasks} />
          {found.length > mostFound && <More>{said.more(found.length - mostFound)}</More>}
        </>
      ) : (
        <>
          <div className="mb-5">
            <Segmented
              label={said.groups}
              value={open}
              options={groups.map((title) => {
                const count = changed.filter((one) => one.group === title).length;
                return {
                  value: title,
                  text: title,
                  ...(count > 0 && { note: said.changed(count) }),
                };
              })}
              onChange={(next) => look({ group: next, query: "" })}
            />
          </div>
          <Fields settings={ofGroup(settings, open)} tasks={tasks} />
        </>
      )}
    </>
  );
}

const More = ({ children }: { readonly children: ReactNode }) => (
  <p className="mt-5 text-sm text-ink-soft">{children}</p>
);
