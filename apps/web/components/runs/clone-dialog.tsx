"use client";

import { messageOf } from "@tandem/core/errors";
import type { ExperimentView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { toast } from "sonner";
import { post } from "../../lib/request";
import { text } from "../../text/runs";
import { inputLook } from "../form/field-input";
import { DialogField, FormDialog } from "./dialog";

/** A new draft like this one; leads to its page. */
export function CloneDialog({
  view,
  onClose,
}: {
  readonly view: Pick<ExperimentView, "id" | "config">;
  readonly onClose: () => void;
}) {
  const router = useRouter();
  const [busy, run] = useTransition();
  const { name, rounds, seed } = view.config;
  const clone = (data: FormData, close: () => void) =>
    run(async () => {
      try {
        const made = await post<ExperimentView>(`/api/experiments/${view.id}/clone`, {
          name: String(data.get("name")),
          changes: { rounds: Number(data.get("rounds")), seed: Number(data.get("seed")) },
        });
        close();
        router.push(`/experiments/${made.id}`);
      } catch (error) {
        toast.error(messageOf(error));
      }
    });
  return (
    <FormDialog
      title={text.clone.title}
      verb={text.clone.verb}
      busy={busy}
      onSubmit={clone}
      onClose={onClose}
    >
      <p className="text-sm text-ink-soft">{text.clone.lead}</p>
      <DialogField label={text.clone.name}>
        {({ id }) => (
          <input
            id={id}
            name="name"
            required
            maxLength={80}
            defaultValue={text.clone.copyOf(name).slice(0, 80)}
            className={`${inputLook} h-10`}
          />
        )}
      </DialogField>
      <div className="grid grid-cols-2 gap-4">
        <DialogField label={text.clone.rounds}>
          {({ id }) => (
            <input
              id={id}
              name="rounds"
              type="number"
              required
              min={1}
              max={1000}
              defaultValue={rounds}
              className={`${inputLook} h-10`}
            />
          )}
        </DialogField>
        <DialogField label={text.clone.seed}>
          {({ id }) => (
            <input
              id={id}
              name="seed"
              type="number"
              required
              min={0}
              max={2 ** 31 - 1}
              defaultValue={seed}
              className={`${inputLook} h-10`}
            />
          )}
        </DialogField>
      </div>
    </FormDialog>
  );
}
