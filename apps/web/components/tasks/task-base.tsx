"use client";

import { messageOf } from "@tandem/core/errors";
import type { Task } from "@tandem/core/task";
import type { TeachersView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { toast } from "sonner";
import { request } from "../../lib/request";
import { text } from "../../text/tasks";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { PrepareTeacher } from "./prepare-teacher";

type Props = {
  readonly id: string;
  readonly task: Task;
  readonly shipped: TeachersView["shipped"];
  /** No experiment is on the task, so that its teacher may change. */
  readonly isFree: boolean;
};

/** Trains a base from the public set, and makes it the task's teacher. */
export function TaskBase({ id, task, shipped, isFree }: Props) {
  const router = useRouter();
  const [busy, run] = useTransition();
  const { size } = task.pictures;
  const bases = shipped.filter(({ size: [height, width] }) => height === size && width === size);
  const isTeacher = task.teacher.kind === "trained";

  const choose = () =>
    run(async () => {
      try {
        await request(`/api/tasks/${id}`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...task, teacher: { kind: "trained" } }),
        });
        toast.success(text.base.used);
        router.refresh();
      } catch (error) {
        toast.error(messageOf(error));
      }
    });

  const whenReady = isFree ? (
    <For who="researcher">
      <Button tone="primary" className="justify-self-start" disabled={busy} onClick={choose}>
        {text.base.use}
      </Button>
    </For>
  ) : (
    <p className="text-sm text-ink-soft">{text.base.inUse}</p>
  );
  return (
    <div className="space-y-5">
      <PrepareTeacher task={id} bases={bases} whenReady={!isTeacher && whenReady} />
      {isTeacher && <p className="text-sm text-ink-soft">{text.base.isTeacher}</p>}
    </div>
  );
}
