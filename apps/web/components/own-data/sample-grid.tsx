"use client";

import { plural } from "@tandem/core/format";
import { relabel, remove } from "@tandem/intake/changes";
import type { Intake } from "@tandem/intake/intake";
import { ChevronLeft, ChevronRight, Trash2 } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import type { Change, OwnTask } from "../../lib/own-data/collection";
import { Button } from "../ui/button";
import { ClassSelect, selectLook } from "./class-select";
import { Thumbnail } from "./thumbnail";

const perPage = 24;

type Props = { readonly intake: Intake; readonly task: OwnTask; readonly onChange: Change };

/** The samples, a page at a time, to be chosen, given another class or taken out. */
export function SampleGrid({ intake: { samples }, task, onChange }: Props) {
  const { classes } = task;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState("all");
  const [at, setAt] = useState(0);
  if (samples.length === 0) return null;
  const matching = samples.filter(
    ({ label }) => shown === "all" || (label === undefined ? "none" : String(label)) === shown,
  );
  const pages = Math.max(1, Math.ceil(matching.length / perPage));
  const page = Math.min(at, pages - 1);
  const here = matching.slice(page * perPage, (page + 1) * perPage);
  // What is gone is chosen no longer.
  const ids = samples.flatMap(({ id }) => (chosen.has(id) ? [id] : []));
  const isAll = here.length > 0 && here.every(({ id }) => chosen.has(id));

  const set = (some: readonly string[], isChosen: boolean) =>
    setChosen((before) => {
      const next = new Set(before);
      for (const id of some) isChosen ? next.add(id) : next.delete(id);
      return next;
    });
  const settle = (how: (intake: Intake) => Intake) => {
    if (ids.length === 0) return;
    onChange(how);
    setChosen(new Set());
  };
  const take = () => settle((now) => remove(now, ids));
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") setChosen(new Set());
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    take();
  };
  return (
    <section aria-labelledby="samples">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 id="samples" className="text-sm font-semibold">
          Look through them
        </h3>
        <select
          aria-label="Samples shown"
          value={shown}
          onChange={({ target }) => {
            setShown(target.value);
            setAt(0);
          }}
          className={selectLook}
        >
          <option value="all">All classes</option>
          <option value="none">No class yet</option>
          {classes.map(({ name }, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div
        role="toolbar"
        aria-label="Chosen samples"
        className="sticky top-16 z-10 mt-3 flex flex-wrap items-center gap-2 rounded-lg bg-sunken p-2"
      >
        <label className="flex min-h-10 cursor-pointer items-center gap-2 rounded-lg px-2 text-sm">
          <input
            type="checkbox"
            checked={isAll}
            onChange={() =>
              set(
                here.map(({ id }) => id),
                !isAll,
              )
            }
            className="size-4 accent-(--clients)"
          />
          Choose all here
        </label>
        <ClassSelect
          label="Give the chosen samples a class"
          classes={classes}
          value={undefined}
          none="Give a class"
          disabled={ids.length === 0}
          onChange={(label) => label !== undefined && settle((now) => relabel(now, ids, label))}
        />
        <Button disabled={ids.length === 0} onClick={take}>
          <Trash2 aria-hidden="true" /> Take out
        </Button>
        <span role="status" className="figures px-2 text-sm text-ink-soft">
          {ids.length > 0 && `${ids.length} chosen`}
        </span>
      </div>
      {here.length === 0 ? (
        <p className="mt-4 text-sm text-ink-soft">None of them.</p>
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the boxes inside
        <div onKeyDown={keys}>
          <ul
            aria-label="Samples"
            className="mt-3 grid grid-cols-4 gap-2 sm:grid-cols-6 lg:grid-cols-8"
          >
            {here.map((sample) => (
              <Thumbnail
                key={sample.id}
                sample={sample}
                side={task.pictures.size}
                className={sample.label === undefined ? "No class" : classes[sample.label].name}
                isChosen={chosen.has(sample.id)}
                onChoose={set}
              />
            ))}
          </ul>
        </div>
      )}
      <div className="mt-3 flex items-center justify-between gap-3">
        <p role="status" className="figures text-xs text-ink-soft">
          Page {page + 1} of {pages}, {plural(matching.length, "sample")}
        </p>
        <div className="flex gap-2">
          <Button aria-label="Page before" disabled={page === 0} onClick={() => setAt(page - 1)}>
            <ChevronLeft aria-hidden="true" />
          </Button>
          <Button
            aria-label="Next page"
            disabled={page + 1 >= pages}
            onClick={() => setAt(page + 1)}
          >
            <ChevronRight aria-hidden="true" />
          </Button>
        </div>
      </div>
    </section>
  );
}
