"use client";

import { text } from "../../text/task-form";
import { AreaField, TextField } from "./fields";
import type { StepProps } from "./step";

export function StepAbout({ draft, change }: StepProps) {
  return (
    <div className="space-y-5">
      <TextField
        path="name"
        label={text.about.name}
        hint={text.about.nameHint}
        value={draft.name}
        onText={(name) => change({ name })}
      />
      <AreaField
        path="description"
        label={text.about.description}
        hint={text.about.descriptionHint}
        value={draft.description}
        onText={(description) => change({ description })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          path="organiser.name"
          label={text.about.organiser}
          hint={text.about.organiserHint}
          value={draft.organiser}
          onText={(organiser) => change({ organiser })}
        />
        <TextField
          path="organiser.contact"
          label={text.about.contact}
          hint={text.about.contactHint}
          value={draft.contact}
          onText={(contact) => change({ contact })}
        />
      </div>
    </div>
  );
}
