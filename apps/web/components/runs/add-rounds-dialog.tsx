"use client";

import { messageOf } from "@tandem/core/errors";
import type { ExperimentView } from "@tandem/protocol/view";
import { useTransition } from "react";
import { toast } from "sonner";
import { post } from "../../lib/request";
import { text } from "../../text/runs";
import { inputLook } from "../form/field-input";
import { DialogField, FormDialog } from "./dialog";

/** More rounds for what has not finished. */
export function AddRoundsDialog({
  view,
  onClose,
}: {
  readonly view: Pick<ExperimentView, "id" | "config">;
  readonly onClose: () => void;
}) {
  const [busy, run] = useTransition();
  const { rounds } = view.config;
  const add = (data: FormData, close: () => void) =>
    run(async () => {
      try {
        const more = { add: Number(data.get("add")) };
        const { config } = await post<ExperimentView>(`/api/experiments/${view.id}/rounds`, more);
        close();
        toast(text.rounds.added(config.rounds));
      } catch (error) {
        toast.error(messageOf(error));
      }
    });
  return (
    <FormDialog
      title={text.rounds.title}
      verb={text.rounds.verb}
      busy={busy}
      onSubmit={add}
      onClose={onClose}
    >
      <p className="text-sm text-ink-soft">{text.rounds.lead(rounds)}</p>
      <DialogField label={text.rounds.add}>
        {({ id }) => (
          <input
            id={id}
            name="add"
            type="number"
            required
            min={1}
            max={1000 - rounds}
            defaultValue={Math.min(5, 1000 - rounds)}
            className={`${inputLook} h-10`}
          />
        )}
      </DialogField>
    </FormDialog>
  );
}
