"use client";

import { messageOf } from "@tandem/core/errors";
import { tagKey } from "@tandem/protocol/experiment-labels";
import type { ExperimentView } from "@tandem/protocol/view";
import { useState, useTransition } from "react";
import { toast } from "sonner";
import { changeLabels } from "../../lib/runs/relabel";
import { text } from "../../text/runs";
import { inputLook } from "../form/field-input";
import { DialogField, FormDialog } from "./dialog";
import { TagField } from "./tag-field";

const noteLength = 4000;
type Labelled = Pick<ExperimentView, "id" | "tags" | "note" | "group">;

/** Tags, note and group of one experiment. */
export function LabelsDialog({
  view,
  onClose,
}: {
  readonly view: Labelled;
  readonly onClose: () => void;
}) {
  const [tags, setTags] = useState(view.tags);
  const [note, setNote] = useState(view.note);
  const [group, setGroup] = useState(view.group ?? "");
  const [busy, run] = useTransition();
  const others = (tag: string) => tags.filter((other) => tagKey(other) !== tagKey(tag));
  const save = (_: FormData, close: () => void) =>
    run(async () => {
      try {
        await changeLabels(view.id, { tags, note, group: group.trim() === "" ? null : group });
        toast(text.labels.saved);
        close();
      } catch (error) {
        toast.error(messageOf(error));
      }
    });
  return (
    <FormDialog
      title={text.labels.title}
      verb={text.save}
      busy={busy}
      onSubmit={save}
      onClose={onClose}
    >
      <TagField
        shown={tags.map((tag) => ({ tag, said: tag }))}
        known={[]}
        onAdd={(tag) => setTags([...others(tag), tag])}
        onRemove={(tag) => setTags(others(tag))}
      />
      <DialogField label={text.labels.note} hint={text.labels.noteHint(noteLength - note.length)}>
        {({ id, hint }) => (
          <textarea
            id={id}
            value={note}
            rows={6}
            maxLength={noteLength}
            aria-describedby={hint}
            onChange={({ target }) => setNote(target.value)}
            className={`${inputLook} py-2`}
          />
        )}
      </DialogField>
      <DialogField label={text.labels.group} hint={text.labels.groupHint}>
        {({ id, hint }) => (
          <input
            id={id}
            value={group}
            maxLength={80}
            aria-describedby={hint}
            onChange={({ target }) => setGroup(target.value)}
            className={`${inputLook} h-10`}
          />
        )}
      </DialogField>
    </FormDialog>
  );
}
