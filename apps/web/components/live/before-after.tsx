"use client";

import type { SheetView } from "@tandem/protocol/live-view";
import { useState } from "react";
import { text } from "../../text/experiment";
import { SheetPicture } from "./sheet-picture";

/** A prompt's picture by the base and by the teacher of a round, with a slider between the two. */
export function BeforeAfter({
  prompt,
  round,
  index,
  before,
  after,
}: {
  readonly prompt: string;
  readonly round: number;
  /** Of the picture on both sheets. */
  readonly index: number;
  readonly before: SheetView;
  readonly after: SheetView;
}) {
  const [percent, setPercent] = useState(50);
  return (
    <figure aria-label={text.lessons.compareTitle} className="max-w-64">
      <div className="relative">
        <SheetPicture
          label={text.lessons.cell(prompt, 0)}
          sheet={before}
          index={index}
          className="rounded-lg border-line"
        />
        <div className="absolute inset-0" style={{ clipPath: `inset(0 0 0 ${100 - percent}%)` }}>
          <SheetPicture
            label={text.lessons.cell(prompt, round)}
            sheet={after}
            index={index}
            className="rounded-lg border-teacher"
          />
        </div>
        <div
          aria-hidden="true"
          className="absolute inset-y-0 w-0.5 -translate-x-1/2 bg-teacher"
          style={{ left: `${100 - percent}%` }}
        />
      </div>
      <input
        type="range"
        min={0}
        max={100}
        // To the left there is more of what is after: the handle follows the line.
        value={100 - percent}
        onChange={({ target }) => setPercent(100 - Number(target.value))}
        aria-label={text.lessons.slider(prompt, round)}
        aria-valuetext={text.lessons.sliderValue(percent)}
        className="mt-2 w-full accent-clients"
      />
      <figcaption className="mt-1 text-xs">
        <span className="flex justify-between text-ink-soft">
          <span>{text.lessons.before}</span>
          <span>{text.lessons.round(round)}</span>
        </span>
        <span className="mt-1 block font-medium">{prompt}</span>
      </figcaption>
    </figure>
  );
}
