"use client";

import type { GalleryView } from "@tandem/protocol/live-view";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { useState } from "react";
import { lessonRow, windowAround } from "../../lib/live/gallery";
import { withoutLesson } from "../../lib/live/without-lesson";
import { text } from "../../text/experiment";
import { Panel } from "../ui/panel";
import { BeforeAfter } from "./before-after";
import { RoundScrubber } from "./round-scrubber";
import { SheetPicture } from "./sheet-picture";

/** Columns beside the one of the base. */
const mostColumns = 9;

/** What the teacher makes of a few prompts from the same noise: before any lesson, and after each. */
export function Lessons({
  view,
  lessons,
  rounds,
}: {
  readonly view: ExperimentView;
  readonly lessons: NonNullable<GalleryView["lessons"]>;
  /** Those with a lesson to show, one at least. */
  readonly rounds: readonly RoundView[];
}) {
  const [picked, setPicked] = useState<number>();
  const [prompt, setPrompt] = useState(0);
  const numbers = rounds.map(({ round }) => round);
  const at = picked === undefined ? rounds.length - 1 : Math.max(0, numbers.indexOf(picked));
  const round = rounds[at];
  const missed = withoutLesson(view.rounds);
  const base = { round: 0, sheet: lessonRow(view, lessons, rounds[0], "base") };
  const columns = [
    base,
    ...windowAround(rounds, at, mostColumns).map((one) => ({
      round: one.round,
      sheet: lessonRow(view, lessons, one, "latest"),
    })),
  ];
  return (
    <Panel
      title={text.lessons.title}
      description={text.lessons.text}
      actions={
        <RoundScrubber
          label={text.lessons.scrub}
          rounds={numbers}
          value={round.round}
          onChange={setPicked}
        />
      }
    >
      {missed && <p className="-mt-2 mb-3 text-sm">{missed}</p>}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[minmax(0,1fr)_16rem]">
        <Grid
          {...{ columns, prompts: lessons.prompts, prompt, onPrompt: setPrompt }}
          current={round.round}
        />
        <BeforeAfter
          prompt={lessons.prompts[prompt]}
          round={round.round}
          index={prompt}
          before={base.sheet}
          after={lessonRow(view, lessons, round, "latest")}
        />
      </div>
    </Panel>
  );
}

type Column = { readonly round: number; readonly sheet: ReturnType<typeof lessonRow> };

function Grid({
  columns,
  prompts,
  current,
  prompt,
  onPrompt,
}: {
  readonly columns: readonly Column[];
  readonly prompts: readonly string[];
  readonly current: number;
  /** Place of the one that is compared. */
  readonly prompt: number;
  readonly onPrompt: (prompt: number) => void;
}) {
  return (
    <section
      aria-label={text.lessons.grid}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
      tabIndex={0}
      className="relative -mx-1 overflow-x-auto px-1"
    >
      <table className="border-separate border-spacing-1">
        <thead>
          <tr className="text-xs text-ink-soft">
            <th scope="col" className="sticky left-0 z-10 bg-surface text-left font-normal">
              {text.lessons.prompt}
            </th>
            {columns.map(({ round }) => (
              <th
                key={round}
                scope="col"
                aria-current={round === current ? "true" : undefined}
                className="figures h-8 px-1 text-left font-normal aria-[current]:font-semibold aria-[current]:text-ink"
              >
                {text.lessons.round(round)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {prompts.map((name, row) => (
            <tr key={row}>
              <th
                scope="row"
                className="sticky left-0 z-10 w-28 bg-surface pr-2 text-left text-xs font-normal sm:w-40"
              >
                <button
                  type="button"
                  aria-pressed={row === prompt}
                  aria-label={text.lessons.compare(name)}
                  title={name}
                  onClick={() => onPrompt(row)}
                  className="line-clamp-3 rounded px-1 py-0.5 text-left text-ink-soft hover:text-ink aria-pressed:font-semibold aria-pressed:text-ink"
                >
                  {name}
                </button>
              </th>
              {columns.map(({ round, sheet }) => (
                <td key={round} className="p-0">
                  <SheetPicture
                    label={text.lessons.cell(name, round)}
                    sheet={sheet}
                    index={row}
                    className={`size-16 rounded-md ${round === current ? "border-teacher" : "border-line"}`}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
