"use client";

import type { ClientModality } from "@tandem/core/data";
import { pictureSizes } from "@tandem/core/task";
import { hasPictures } from "../../lib/tasks/draft";
import { formatText } from "../../lib/tasks/task-texts";
import { lockOf } from "../../lib/tasks/use-sets";
import { Segmented } from "../ui/segmented";
import { Group, Locked, TextField } from "./fields";
import type { StepProps } from "./step";

const kinds: readonly { readonly value: ClientModality; readonly text: string }[] = [
  { value: "image", text: "Pictures" },
  { value: "text", text: "Captions" },
  { value: "image-text", text: "Pictures with captions" },
];

export function StepSamples({ draft, change, sets }: StepProps) {
  const lock = lockOf(sets);
  const { modalities, size, colour } = draft;
  const toggle = (value: ClientModality) =>
    change({
      modalities: kinds
        .map((kind) => kind.value)
        .filter((one) => (one === value) !== modalities.includes(one)),
    });
  return (
    <div className="space-y-7">
      <Group
        path="modalities"
        label="Participants may bring"
        hint="Each participant brings one of these; the study mixes them."
      >
        <div className="grid gap-2 sm:grid-cols-3">
          {kinds.map(({ value, text }) => (
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
              {text}
            </label>
          ))}
        </div>
      </Group>
      {hasPictures(draft) && lock !== undefined && (
        <Locked>
          {lock} pictures of {formatText(draft)}, so these stay.
        </Locked>
      )}
      {hasPictures(draft) && lock === undefined && (
        <div className="grid gap-6 sm:grid-cols-2">
          <Group
            path="pictures.size"
            label="Picture size"
            hint="Every picture is scaled to a square of so many pixels in the tab. Larger ones show more and train slower."
          >
            <Segmented
              label="Picture size"
              value={String(size)}
              options={pictureSizes.map((side) => ({
                value: String(side),
                text: `${side} × ${side}`,
              }))}
              onChange={(text) =>
                change({ size: pictureSizes.find((side) => String(side) === text) ?? size })
              }
            />
          </Group>
          <Group
            path="pictures.colour"
            label="Colour"
            hint="Grey is enough where colour says nothing about the class."
          >
            <Segmented
              label="Colour"
              value={colour ? "colour" : "grey"}
              options={[
                { value: "colour", text: "In colour" },
                { value: "grey", text: "Grey" },
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
          label="Samples of a participant, at least"
          hint="A fifth of them is held out to measure with."
          inputMode="numeric"
          value={draft.leastOfAll}
          onText={(leastOfAll) => change({ leastOfAll })}
        />
        <TextField
          path="least.class"
          label="Samples of a class, at least"
          hint="Of each class that a participant has any of."
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
  readonly onText: (text: string) => void;
}) {
  const level = Number(value);
  return (
    <div className="flex items-start gap-3">
      <TextField
        path="pictures.background"
        label="Background (0 – 255)"
        hint="Grey level behind transparent and narrow pictures: 0 is black, 255 white."
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
