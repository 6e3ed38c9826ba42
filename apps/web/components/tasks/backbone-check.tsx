"use client";

import { formatBytes } from "@tandem/core/format";
import { Check, Square } from "lucide-react";
import { useEffect } from "react";
import {
  checkedBackbone,
  type Draft,
  type DraftBackbone,
  wantedBackbone,
} from "../../lib/tasks/draft";
import { backboneText } from "../../lib/tasks/task-texts";
import { useBackboneCheck } from "../../lib/tasks/use-backbone-check";
import { text } from "../../text/task-form";
import { Button } from "../ui/button";
import { useField } from "./fields";

type Props = {
  readonly draft: Draft;
  readonly edit: (changes: Partial<DraftBackbone>) => void;
};

/** Tries the model in this browser, as every participant's will. */
export function BackboneCheck({ draft, edit }: Props) {
  const wanted = wantedBackbone(draft);
  const found = checkedBackbone(draft);
  const { check, start, reset } = useBackboneCheck(({ reference, bytes }) =>
    edit({ checked: reference, bytes }),
  );
  const { attributes, below } = useField({ path: "backbone" });
  const asked = JSON.stringify(wanted);
  useEffect(reset, [asked, reset]);
  const { bytes } = draft.backbone;
  return (
    <div id={attributes.id} tabIndex={-1} className="rounded-xl bg-sunken/60 p-4 outline-none">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        {check.type === "checking" ? (
          <Button onClick={reset}>
            <Square aria-hidden="true" /> {text.models.stop}
          </Button>
        ) : (
          <Button disabled={!wanted || wanted.url === ""} onClick={() => wanted && start(wanted)}>
            {found ? text.models.checkAgain : text.models.check}
          </Button>
        )}
        <p role="status" className="min-w-0 flex-1 basis-56 text-sm">
          {check.type === "checking" && text.models.checking}
          {check.type === "idle" && found && (
            <span className="flex gap-2">
              <Check aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good" />
              <span>
                {text.models.serves(backboneText(found))}
                {bytes !== undefined && text.models.weights(formatBytes(bytes))}
              </span>
            </span>
          )}
          {check.type === "idle" && !found && (
            <span className="text-ink-soft">{text.models.unchecked}</span>
          )}
        </p>
      </div>
      {check.type === "failed" && (
        <p role="alert" className="mt-3 text-sm font-medium break-words text-bad">
          {check.message}
        </p>
      )}
      {below}
    </div>
  );
}
