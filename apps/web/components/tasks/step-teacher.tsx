"use client";

import { issuesOfTask, parseTask } from "@tandem/protocol/task";
import type { TeachersView } from "@tandem/protocol/view";
import { type Draft, definitionOf } from "../../lib/tasks/draft";
import { whyNotBase } from "../../lib/tasks/mistakes";
import { hasBase } from "../../lib/tasks/use-sending";
import { text } from "../../text/task-form";
import { text as taskText } from "../../text/tasks";
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
        label={text.teacher.label}
        hint={!hasPublicSet && teacher !== "none" && teacher !== "trained" && text.teacher.needsSet}
      >
        <div className="grid gap-3 md:grid-cols-2">
          <RadioCard title={text.teacher.none} {...card("none")}>
            <Text>{text.teacher.noneText}</Text>
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
          <RadioCard title={text.teacher.own} {...card("trained")}>
            <Text>{trainedText(trained !== undefined, source)}</Text>
          </RadioCard>
          <RadioCard title={text.teacher.folder} {...card("folder")}>
            <Text>{text.teacher.folderText}</Text>
          </RadioCard>
          <RadioCard
            title={text.teacher.remote}
            reason={teachers.remote ? undefined : text.mistakes.noRemote}
            {...card("remote")}
          >
            <Text>{text.teacher.remoteText}</Text>
          </RadioCard>
        </div>
      </Group>
      {teacher === "folder" && (
        <TextField
          path="teacher.path"
          label={text.teacher.path}
          hint={text.teacher.pathHint}
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
  if (isThere) return text.teacher.ownThere;
  return source?.isBaseReady && source.as === "edit"
    ? text.teacher.ownOutdated
    : text.teacher.ownLater;
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
          label={taskText.dealt.paints(title)}
          className="size-24 shrink-0 self-start"
        />
      }
    >
      <Text>{description}</Text>
      <span className="mt-auto pt-2 text-xs text-ink-faint">{text.teacher.facts(name, size)}</span>
    </RadioCard>
  );
}
