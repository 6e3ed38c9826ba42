"use client";

import { messageOf } from "@tandem/core/errors";
import type { RunRow } from "@tandem/protocol/experiment-list";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { toast } from "sonner";
import { post } from "../../lib/request";
import { text } from "../../text/experiments";
import { For } from "../account/visitor";
import { Confirm } from "../ui/confirm";

const look =
  "relative z-10 inline-flex min-h-7 items-center gap-1 rounded-md border border-line-strong bg-surface px-2 text-xs font-medium hover:bg-sunken disabled:opacity-50";

/** Starts those of them that are drafts, one after another; asks first where they are several. */
export function StartRuns({
  runs,
  label,
  isGroup = false,
}: {
  readonly runs: readonly RunRow[];
  readonly label: string;
  readonly isGroup?: boolean;
}) {
  const router = useRouter();
  const [busy, run] = useTransition();
  const drafts = runs.filter(({ status }) => status === "draft");
  if (drafts.length === 0) return null;
  const start = () =>
    run(async () => {
      let done = 0;
      try {
        for (const { id } of drafts) {
          await post<void>(`/api/experiments/${id}/start`);
          done++;
        }
      } catch (error) {
        toast.error(messageOf(error));
      }
      if (done > 0) toast(text.started(done));
      router.refresh();
    });
  const button = (
    <button
      type="button"
      aria-label={label}
      disabled={busy}
      className={look}
      {...(!isGroup && { onClick: start })}
    >
      <Play aria-hidden="true" className="size-3" />
      {isGroup ? text.group.startAll : text.start}
    </button>
  );
  return (
    <For who="researcher">
      {isGroup ? (
        <Confirm
          title={text.group.startAllTitle(drafts.length)}
          text={text.group.startAllText}
          verb={text.group.startAll}
          tone="primary"
          onConfirm={start}
        >
          {button}
        </Confirm>
      ) : (
        button
      )}
    </For>
  );
}
