"use client";

import { relabel, remove } from "@tandem/intake/changes";
import type { Intake } from "@tandem/intake/intake";
import { ChevronLeft, ChevronRight, Trash2 } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { arrowTo } from "../../lib/own-data/choose-range";
import type { Change, OwnTask } from "../../lib/own-data/collection";
import { text } from "../../text/own-data";
import { Button } from "../ui/button";
import { ClassSelect, selectLook } from "./class-select";
import { Thumbnail } from "./thumbnail";
import { useChoice } from "./use-choice";

const words = text.grid;
const perPage = 24;

type Props = { readonly intake: Intake; readonly task: OwnTask; readonly onChange: Change };

/** The samples, a page at a time, to be chosen, given another class or taken out. */
export function SampleGrid({ intake: { samples }, task, onChange }: Props) {
  const { classes } = task;
  const [shown, setShown] = useState("all");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const matching = useMemo(
    () =>
      samples.filter(
        ({ label }) => shown === "all" || (label === undefined ? "none" : String(label)) === shown,
      ),
    [samples, shown],
  );
  const choice = useChoice(useIds(samples), useIds(matching));
  const { chosen, ids } = choice;
  if (samples.length === 0) return null;
  const pages = Math.max(1, Math.ceil(matching.length / perPage));
  const page = Math.min(at, pages - 1);
  const here = matching.slice(page * perPage, (page + 1) * perPage);
  const isAll = here.length > 0 && here.every(({ id }) => chosen.has(id));

  const settle = (how: (intake: Intake) => Intake) => {
    if (ids.length === 0) return;
    onChange(how);
    choice.clear();
  };
  const boxesOf = () => Array.from(list.current?.querySelectorAll("input") ?? []);
  const take = () => settle((now) => remove(now, ids));
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") choice.clear();
    if (event.key.startsWith("Arrow")) move(event);
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    const first = here.findIndex(({ id }) => chosen.has(id));
    take();
    // Whoever goes on with the keyboard goes on where it was.
    requestAnimationFrame(() => {
      const boxes = boxesOf();
      boxes[Math.min(Math.max(0, first), boxes.length - 1)]?.focus();
    });
  };
  const move = (event: KeyboardEvent) => {
    event.preventDefault(); // the page stays where it is
    const boxes = boxesOf();
    const at = boxes.indexOf(event.target as HTMLInputElement);
    const to = arrowTo(event.key, { at, count: boxes.length, columns: columnsOf(boxes) });
    if (at < 0 || to === undefined) return;
    boxes[to].focus();
    if (event.shiftKey) choice.extendFrom(here[at].id, here[to].id);
  };
  return (
    <section aria-labelledby="samples">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 id="samples" className="text-sm font-semibold">
          {words.title}
        </h3>
        <select
          aria-label={words.shown}
          value={shown}
          onChange={({ target }) => {
            setShown(target.value);
            setAt(0);
          }}
          className={selectLook}
        >
          <option value="all">{words.all}</option>
          <option value="none">{text.openClass}</option>
          {classes.map(({ name }, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <ChosenTools
        classes={classes}
        count={ids.length}
        isAll={isAll}
        onAll={() =>
          choice.set(
            here.map(({ id }) => id),
            !isAll,
          )
        }
        onLabel={(label) => settle((now) => relabel(now, ids, label))}
        onTake={take}
      />
      {here.length === 0 ? (
        <p className="mt-4 text-sm text-ink-soft">{words.none}</p>
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the boxes inside
        <div onKeyDown={keys}>
          <p id="many-at-once" className="mt-3 text-xs text-ink-soft pointer-coarse:sr-only">
            {words.manyAtOnce}
          </p>
          <ul
            ref={list}
            aria-label={words.list}
            aria-describedby="many-at-once"
            className="mt-2 grid grid-cols-4 gap-2 sm:grid-cols-6 lg:grid-cols-8"
          >
            {here.map((sample) => (
              <Thumbnail
                key={sample.id}
                sample={sample}
                side={task.pictures.size}
                className={sample.label === undefined ? words.noClass : classes[sample.label].name}
                isChosen={chosen.has(sample.id)}
                onChoose={choice.choose}
              />
            ))}
          </ul>
        </div>
      )}
      <Pager page={page} pages={pages} samples={matching.length} onPage={setAt} />
    </section>
  );
}

function ChosenTools({
  classes,
  count,
  isAll,
  onAll,
  onLabel,
  onTake,
}: {
  readonly classes: OwnTask["classes"];
  /** Of chosen samples. */
  readonly count: number;
  /** All of the page are. */
  readonly isAll: boolean;
  readonly onAll: () => void;
  readonly onLabel: (label: number) => void;
  readonly onTake: () => void;
}) {
  return (
    <div
      role="toolbar"
      aria-label={words.tools}
      className="sticky top-16 z-10 mt-3 flex flex-wrap items-center gap-2 rounded-lg bg-sunken p-2"
    >
      <label className="flex min-h-10 cursor-pointer items-center gap-2 rounded-lg px-2 text-sm">
        <input
          type="checkbox"
          checked={isAll}
          onChange={onAll}
          className="size-4 accent-(--clients)"
        />
        {words.chooseAll}
      </label>
      <ClassSelect
        label={words.giveClass}
        classes={classes}
        value={undefined}
        none={words.give}
        disabled={count === 0}
        onChange={(label) => label !== undefined && onLabel(label)}
      />
      <Button disabled={count === 0} onClick={onTake}>
        <Trash2 aria-hidden="true" /> {words.takeOut}
      </Button>
      <span role="status" className="figures px-2 text-sm text-ink-soft">
        {count > 0 && words.chosen(count)}
      </span>
    </div>
  );
}

function Pager({
  page,
  pages,
  samples,
  onPage,
}: {
  readonly page: number;
  readonly pages: number;
  /** On all of them. */
  readonly samples: number;
  readonly onPage: (page: number) => void;
}) {
  return (
    <div className="mt-3 flex items-center justify-between gap-3">
      <p role="status" className="figures text-xs text-ink-soft">
        {words.page(page + 1, pages, samples)}
      </p>
      <div className="flex gap-2">
        <Button aria-label={words.previous} disabled={page === 0} onClick={() => onPage(page - 1)}>
          <ChevronLeft aria-hidden="true" />
        </Button>
        <Button
          aria-label={words.next}
          disabled={page + 1 >= pages}
          onClick={() => onPage(page + 1)}
        >
          <ChevronRight aria-hidden="true" />
        </Button>
      </div>
    </div>
  );
}

const useIds = (samples: Intake["samples"]) =>
  useMemo(() => samples.map(({ id }) => id), [samples]);

/** Of what is laid out: those that are as high up as the first. */
function columnsOf(boxes: readonly HTMLInputElement[]): number {
  const tops = boxes.map((box) => box.closest("li")?.offsetTop);
  return tops.filter((top) => top === tops[0]).length;
}
