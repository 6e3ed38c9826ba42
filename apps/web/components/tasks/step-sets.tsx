"use client";

import { writtenRows } from "../../lib/tasks/draft";
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
          title="Public set"
          text="Pictures and captions that the server may have: the teacher begins with them, and strategies with a teacher need them. What participants bring never gets here. You can go on without."
          classes={classes}
          choice={sets.public}
          isLost={lost.includes("public")}
          sheet={source && `/api/tasks/${source.view.id}/sheet.png`}
        />
        {(sets.public.files.length > 0 || sets.public.isKept) && (
          <TextField
            path="publicLicence"
            label="Licence of the public set"
            hint="Under which terms it may be used, such as CC-BY-4.0."
            value={draft.licence}
            onText={(licence) => change({ licence })}
          />
        )}
      </div>
      <div className="border-t border-line pt-6">
        <SetPanel
          path="test"
          title="Test set"
          text="If there is one, every model is measured on it, and every tab downloads it. Without, each participant measures on a fifth of their own samples."
          classes={classes}
          choice={sets.test}
          isLost={lost.includes("test")}
        />
      </div>
    </div>
  );
}
