"use client";

import { tagKey } from "@tandem/protocol/experiment-labels";
import { useState, useTransition } from "react";
import { type Labelled, relabel } from "../../lib/runs/relabel";
import { text } from "../../text/runs";
import { FormDialog } from "./dialog";
import { TagField } from "./tag-field";

type Change = { readonly added: readonly string[]; readonly removed: readonly string[] };

/** Puts tags on several experiments, and takes them off. */
export function TagDialog({
  chosen,
  known,
  onDone,
  onClose,
}: {
  readonly chosen: readonly Labelled[];
  readonly known: readonly string[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const [change, setChange] = useState<Change>({ added: [], removed: [] });
  const [busy, run] = useTransition();
  const counts = new Map<string, { readonly tag: string; readonly count: number }>();
  for (const tag of chosen.flatMap((one) => tagsAfter(one.tags, change)))
    counts.set(tagKey(tag), { tag, count: (counts.get(tagKey(tag))?.count ?? 0) + 1 });
  const save = (_: FormData, close: () => void) =>
    run(async () => {
      await relabel(
        chosen,
        ({ tags }) => {
          const after = tagsAfter(tags, change);
          return String(after) === String(tags) ? undefined : { tags: after };
        },
        { said: text.relabelled, onDone },
      );
      close();
    });
  return (
    <FormDialog
      title={text.tags.title(chosen.length)}
      verb={text.save}
      busy={busy}
      onSubmit={save}
      onClose={onClose}
    >
      <TagField
        shown={[...counts.values()].map(({ tag, count }) => ({
          tag,
          said: count < chosen.length ? text.tags.some(tag, count) : tag,
        }))}
        known={known}
        onAdd={(tag) => setChange((before) => withTag(before, tag))}
        onRemove={(tag) => setChange((before) => withoutTag(before, tag))}
      />
    </FormDialog>
  );
}

const isNot = (tag: string) => (other: string) => tagKey(other) !== tagKey(tag);
const withTag = ({ added, removed }: Change, tag: string): Change => ({
  added: [...added.filter(isNot(tag)), tag],
  removed: removed.filter(isNot(tag)),
});
const withoutTag = ({ added, removed }: Change, tag: string): Change => ({
  added: added.filter(isNot(tag)),
  removed: [...removed.filter(isNot(tag)), tag],
});

function tagsAfter(tags: readonly string[], { added, removed }: Change): readonly string[] {
  const kept = tags.filter((tag) => removed.every(isNot(tag)));
  return [...kept, ...added.filter((tag) => kept.every(isNot(tag)))];
}
