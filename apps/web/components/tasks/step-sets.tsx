"use client";

import { writtenRows } from "../../lib/tasks/draft";
import { text } from "../../text/task-form";
import { TextField } from "./fields";
import { SetPanel } from "./set-panel";
import type { StepProps } from "./step";

export function StepSets({ draft, change, sets, lost, source }: StepProps) {
  const classes = writtenRows(draft).map((row) => draft.classes[row].name.trim());
  return (
    <div className="space-y-8">
      <div className="space-y-5">
        <SetPanel
          path="public"
          title={text.sets.public}
          about={text.sets.publicText}
          classes={classes}
          choice={sets.public}
          isLost={lost.includes("public")}
          sheet={source && `/api/tasks/${source.view.id}/sheet.png`}
        />
        {(sets.public.files.length > 0 || sets.public.isKept) && (
          <TextField
            path="publicLicence"
            label={text.sets.licence}
            hint={text.sets.licenceHint}
            value={draft.licence}
            onText={(licence) => change({ licence })}
          />
        )}
      </div>
      <div className="border-t border-line pt-6">
        <SetPanel
          path="test"
          title={text.sets.test}
          about={text.sets.testText}
          classes={classes}
          choice={sets.test}
          isLost={lost.includes("test")}
        />
      </div>
    </div>
  );
}
