"use client";

import type { OwnDataTerms } from "@tandem/core/federated-data";
import { leastHeldOut } from "@tandem/core/task";
import { HardDrive, Trash2 } from "lucide-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { type KeptData, keptData } from "../../lib/own-data/kept-data";
import type { Kept } from "../../lib/own-data/kept-messages";
import { misfitOf } from "../../lib/own-data/misfit";
import { counted } from "../../text/brought";
import { text } from "../../text/own-data";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";

const words = text.kept;

type Props = {
  readonly data: KeptData;
  /** Absent: it can be replaced below, or not now. */
  readonly onReplace?: (() => void) | undefined;
  /** What the study wants now; absent: it is over. */
  readonly wanted?: Pick<OwnDataTerms, "pictures" | "backbone">;
};

/** What this browser keeps, what it takes, and how to be rid of it. */
export function KeptSummary({ data, onReplace, wanted }: Props) {
  const state = useStore(data.store);
  if (state.type === "looking" || state.type === "none") return <div role="status" />;
  const remove = (
    <Confirm
      title={words.removeTitle}
      text={words.removeText}
      verb={words.removeVerb}
      onConfirm={() => void data.remove()}
    >
      <Button tone="danger">
        <Trash2 aria-hidden="true" /> {words.remove}
      </Button>
    </Confirm>
  );
  if (state.type === "failed")
    return (
      <div className="space-y-3">
        <Alert>{state.message}</Alert>
        {remove}
      </div>
    );
  const { modality, train, heldOut, bytes, isLasting } = state.kept;
  const keptText = isLasting ? words.kept : words.untilClosed;
  const misfit = wanted && misfitOf(state.kept, wanted);
  return (
    <div className={`rounded-xl p-4 ${misfit ? "bg-bad-soft" : "bg-good-soft"}`}>
      <div role={misfit ? "alert" : "status"} className="flex gap-3">
        <HardDrive
          aria-hidden="true"
          className={`mt-0.5 size-4 shrink-0 ${misfit ? "text-bad" : "text-good"}`}
        />
        <div className="min-w-0 text-sm">
          <p className="font-medium">{keptText(counted(train + heldOut, modality), bytes)}</p>
          <p className={`mt-0.5 ${misfit ? "text-bad" : "text-ink-soft"}`}>
            {misfit ?? splitOf(state.kept)}
          </p>
        </div>
      </div>
      <div className="mt-3 flex flex-wrap gap-2 sm:pl-7">
        {onReplace && <Button onClick={onReplace}>{words.replace}</Button>}
        {remove}
      </div>
    </div>
  );
}

function splitOf({ train, heldOut, aside }: Kept): string {
  const few = heldOut < leastHeldOut ? words.few(leastHeldOut) : "";
  const lost = aside > 0 ? words.aside(aside) : "";
  return words.split(train, heldOut) + few + lost;
}

/** The same where nothing can be brought any more. */
export function KeptPanel({ task }: { readonly task: string }) {
  const data = keptData(task);
  const state = useStore(data.store);
  useEffect(() => void data.look(), [data]);
  if (state.type === "looking" || state.type === "none") return null;
  return (
    <Panel title={words.title}>
      <KeptSummary data={data} />
    </Panel>
  );
}
