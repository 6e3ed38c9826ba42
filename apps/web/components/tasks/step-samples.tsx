"use client";

import type { ClientModality } from "@tandem/core/data";
import { pictureSizes } from "@tandem/core/task";
import { hasPictures } from "../../lib/tasks/draft";
import { formatText } from "../../lib/tasks/task-texts";
import { lockOf } from "../../lib/tasks/use-sets";
import { text } from "../../text/task-form";
import { Segmented } from "../ui/segmented";
import { Group, Locked, TextField } from "./fields";
import type { StepProps } from "./step";

const kinds: readonly ClientModality[] = ["image", "text", "image-text"];

export function StepSamples({ draft, change, sets }: StepProps) {
  const lock = lockOf(sets);
  const { modalities, size, colour } = draft;
  const toggle = (value: ClientModality) =>
    change({
      modalities: kinds.filter((one) => (one === value) !== modalities.includes(one)),
    });
  return (
    <div className="space-y-7">
      <Group path="modalities" label={text.samples.bring} hint={text.samples.bringHint}>
        <div className="grid gap-2 sm:grid-cols-3">
          {kinds.map((value) => (
            <label
              key={value}
              className="flex cursor-pointer items-center gap-2.5 rounded-xl border border-line p-3 text-sm font-medium has-checked:border-clients has-checked:bg-clients-soft/60"
            >
              <input
                type="checkbox"
                checked={modalities.includes(value)}
                onChange={() => toggle(value)}
                className="size-4 accent-clients"
              />
              {text.samples.kinds[value]}
            </label>
          ))}
        </div>
      </Group>
      {hasPictures(draft) && lock !== undefined && (
        <Locked why={text.samples.locked(lock, formatText(draft))} />
      )}
      {hasPictures(draft) && lock === undefined && (
        <div className="grid gap-6 sm:grid-cols-2">
          <Group path="pictures.size" label={text.samples.size} hint={text.samples.sizeHint}>
            <Segmented
              label={text.samples.size}
              value={String(size)}
              options={pictureSizes.map((side) => ({
                value: String(side),
                text: text.samples.sizeOf(side),
              }))}
              onChange={(chosen) =>
                change({ size: pictureSizes.find((side) => String(side) === chosen) ?? size })
              }
            />
          </Group>
          <Group path="pictures.colour" label={text.samples.colour} hint={text.samples.colourHint}>
            <Segmented
              label={text.samples.colour}
              value={colour ? "colour" : "grey"}
              options={[
                { value: "colour", text: text.samples.inColour },
                { value: "grey", text: text.samples.grey },
              ]}
              onChange={(value) => change({ colour: value === "colour" })}
            />
          </Group>
          <Background value={draft.background} onText={(background) => change({ background })} />
        </div>
      )}
      <div className="grid gap-6 border-t border-line pt-6 sm:grid-cols-2">
        <TextField
          path="least.participant"
          label={text.samples.leastOfAll}
          hint={text.samples.leastOfAllHint}
          inputMode="numeric"
          value={draft.leastOfAll}
          onText={(leastOfAll) => change({ leastOfAll })}
        />
        <TextField
          path="least.class"
          label={text.samples.leastOfClass}
          hint={text.samples.leastOfClassHint}
          inputMode="numeric"
          value={draft.leastOfClass}
          onText={(leastOfClass) => change({ leastOfClass })}
        />
      </div>
    </div>
  );
}

function Background({
  value,
  onText,
}: {
  readonly value: string;
  readonly onText: (written: string) => void;
}) {
  const level = Number(value);
  return (
    <div className="flex items-start gap-3">
      <TextField
        path="pictures.background"
        label={text.samples.background}
        hint={text.samples.backgroundHint}
        inputMode="numeric"
        className="flex-1"
        value={value}
        onText={onText}
      />
      <span
        aria-hidden="true"
        className="mt-6.5 size-10 shrink-0 rounded-lg border border-line-strong"
        style={{ background: `rgb(${level} ${level} ${level})` }}
      />
    </div>
  );
}
