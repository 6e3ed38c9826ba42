"use client";

import { issuesOfTask, parseTask } from "@tandem/protocol/task";
import type { TeachersView } from "@tandem/protocol/view";
import { type Draft, definitionOf } from "../../lib/tasks/draft";
import { noRemote, whyNotBase } from "../../lib/tasks/mistakes";
import { hasBase } from "../../lib/tasks/use-sending";
import { RadioCard } from "../ui/radio-card";
import { Group, TextField } from "./fields";
import { OfferedPreviews } from "./offered-previews";
import { PromptFields } from "./prompt-fields";
import { Sheet } from "./sheet";
import type { StepProps } from "./step";

export function StepTeacher({ draft, change, sets, teachers, source }: StepProps) {
  const { teacher, checkpoint } = draft;
  const hasPublicSet = sets.public.files.length > 0 || sets.public.isKept;
  const trained = baseOf(draft, sets, source);
  const card = (kind: Draft["teacher"]) => ({
    name: "teacher",
    value: kind,
    checked: teacher === kind,
    onChange: () => change({ teacher: kind }),
  });
  return (
    <div className="space-y-7">
      <Group
        path="teacher"
        label="Who paints"
        hint={
          !hasPublicSet &&
          teacher !== "none" &&
          teacher !== "trained" &&
          "Strategies with a teacher need a public set too: go back a step to add one."
        }
      >
        <div className="grid gap-3 md:grid-cols-2">
          <RadioCard title="Nobody" {...card("none")}>
            <Text>Tabs learn from each other, with strategies such as FedAvg.</Text>
          </RadioCard>
          {teachers.shipped.map((base) => (
            <Base
              key={base.name}
              base={base}
              reason={whyNotBase(base, draft)}
              checked={teacher === "shipped" && checkpoint === base.name}
              onChoose={() => change({ teacher: "shipped", checkpoint: base.name })}
            />
          ))}
          <RadioCard title="One of the study's own" {...card("trained")}>
            <Text>{trainedText(trained !== undefined, source)}</Text>
          </RadioCard>
          <RadioCard title="A folder on the server" {...card("folder")}>
            <Text>A text-to-image model in the diffusers layout that paints in this size.</Text>
          </RadioCard>
          <RadioCard
            title="An images API"
            reason={teachers.remote ? undefined : noRemote}
            {...card("remote")}
          >
            <Text>The one that this server has been told of paints, and is never fine-tuned.</Text>
          </RadioCard>
        </div>
      </Group>
      {teacher === "folder" && (
        <TextField
          path="teacher.path"
          label="Path of the folder"
          hint="The whole path, from /. The server looks whether it paints in this size."
          value={draft.folder}
          onText={(folder) => change({ folder })}
        />
      )}
      {(teacher !== "none" || hasPrompts(draft)) && <PromptFields draft={draft} change={change} />}
      {teacher !== "none" && (
        <OfferedPreviews draft={draft} sets={sets} teachers={teachers} trained={trained} />
      )}
    </div>
  );
}

/** The task that has the base, if that is of what is written now. */
function baseOf(draft: Draft, sets: StepProps["sets"], source: StepProps["source"]) {
  const definition = { ...definitionOf(draft), teacher: { kind: "none" } };
  if (issuesOfTask(definition).length > 0) return undefined;
  return hasBase(parseTask(definition), sets, source) ? source?.view.id : undefined;
}

/** A base that this server trains: that there is, or that there will be. */
function trainedText(isThere: boolean, source: StepProps["source"]): string {
  if (isThere) return "The base that this server has trained from the public set.";
  const again = source?.isBaseReady && source.as === "edit";
  return `A small model that this server trains from the public set, begun on the task's page${again ? ": the one that there is was trained for other classes, prompts, pictures or another set" : ". It can be chosen there once it is done"}.`;
}

/** Said before, and of use once there is a teacher. */
const hasPrompts = ({ prompts, attributes }: Draft) =>
  prompts === "captions" || attributes.length > 0;

const Text = ({ children }: { readonly children: string }) => (
  <span className="mt-2 text-sm text-ink-soft">{children}</span>
);

function Base({
  base: { name, title, description, size },
  reason,
  checked,
  onChoose,
}: {
  readonly base: TeachersView["shipped"][number];
  readonly reason: string | undefined;
  readonly checked: boolean;
  readonly onChoose: () => void;
}) {
  return (
    <RadioCard
      title={title}
      reason={reason}
      name="teacher"
      value={name}
      checked={checked}
      onChange={onChoose}
      picture={
        <Sheet
          src={`/api/teachers/${name}/samples.png`}
          label={`What ${title} paints`}
          className="size-24 shrink-0 self-start"
        />
      }
    >
      <Text>{description}</Text>
      <span className="mt-auto pt-2 text-xs text-ink-faint">
        {name}, {size.join(" × ")} pixels
      </span>
    </RadioCard>
  );
}
