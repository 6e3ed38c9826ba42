"use client";

import { mostPreviewed } from "@tandem/protocol/preview";
import { whyNotBase } from "../../lib/tasks/mistakes";
import { wordPrompts } from "../../lib/tasks/prompts";
import type { PreviewOf } from "../../lib/tasks/use-preview";
import { contentOf } from "../../lib/tasks/use-set";
import { text } from "../../text/task-form";
import type { StepProps } from "./step";
import { PromptsOfSheet, TeacherPreview } from "./teacher-preview";

type Props = Pick<StepProps, "draft" | "sets" | "teachers"> & {
  /** Task whose base is ready and of what is written. */
  readonly trained: string | undefined;
};

/** What each of the teachers that can be chosen makes of the prompts, side by side. */
export function OfferedPreviews({ draft, sets, teachers, trained }: Props) {
  const prompts =
    draft.prompts === "words"
      ? wordPrompts(draft, mostPreviewed).first
      : (contentOf(sets.public)?.captions ?? []);
  if (prompts.length === 0) return null;
  const { size, folder } = draft;
  const offered: readonly { readonly title: string; readonly of: PreviewOf }[] = [
    ...teachers.shipped
      .filter((base) => whyNotBase(base, draft) === undefined)
      .map(({ name, title }) => ({
        title,
        of: { teacher: { kind: "shipped", checkpoint: name } as const, prompts, size },
      })),
    ...(trained === undefined
      ? []
      : [
          {
            title: text.offered.own,
            of: { teacher: { kind: "trained" } as const, prompts, size, task: trained },
          },
        ]),
    ...(draft.teacher === "folder" && folder.trim() !== ""
      ? [
          {
            title: text.offered.folder,
            of: { teacher: { kind: "folder", path: folder.trim() } as const, prompts, size },
          },
        ]
      : []),
    ...(teachers.remote
      ? [
          {
            title: text.offered.remote,
            of: { teacher: { kind: "remote" } as const, prompts, size },
          },
        ]
      : []),
  ];
  if (offered.length === 0) return null;
  return (
    <section aria-labelledby="previews" className="border-t border-line pt-6">
      <h3 id="previews" className="text-sm font-semibold">
        {text.offered.title}
      </h3>
      <p className="mt-1 mb-4 max-w-prose text-sm text-ink-soft">{text.offered.text}</p>
      <div className="grid grid-cols-2 gap-x-5 gap-y-6 md:grid-cols-3">
        {offered.map(({ title, of }) => (
          <TeacherPreview key={title} title={title} of={of} />
        ))}
      </div>
      <PromptsOfSheet prompts={prompts} />
    </section>
  );
}
