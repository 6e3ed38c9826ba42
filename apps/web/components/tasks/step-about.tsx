"use client";

import { AreaField, TextField } from "./fields";
import type { StepProps } from "./step";

export function StepAbout({ draft, change }: StepProps) {
  return (
    <div className="space-y-5">
      <TextField
        path="name"
        label="Name"
        hint="Shown to participants."
        value={draft.name}
        onText={(name) => change({ name })}
      />
      <AreaField
        path="description"
        label="Description"
        hint="What the study is for, and which samples participants should bring."
        value={draft.description}
        onText={(description) => change({ description })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          path="organiser.name"
          label="Who runs it"
          hint="A person or an institution."
          value={draft.organiser}
          onText={(organiser) => change({ organiser })}
        />
        <TextField
          path="organiser.contact"
          label="Contact"
          hint="How participants reach them: an e-mail address or a page."
          value={draft.contact}
          onText={(contact) => change({ contact })}
        />
      </div>
    </div>
  );
}
