"use client";

import { useCallback, useEffect, useState } from "react";
import { type Draft, emptyDraft, type Kept, keepDraft, keptDraft } from "./draft";
import { draftOf, type Source, setOfView } from "./draft-of-task";
import { lastStep } from "./mistakes";

const begin = (source: Source | undefined): Kept => ({
  draft: source ? draftOf(source.view) : emptyDraft,
  of: JSON.stringify(source ? [source.view.task, setOfView(source.view)] : null),
  step: 0,
  reached: source ? lastStep : 0,
  chosen: [],
});

/** The form's texts and where it is, over a reload of the page. */
export function useDraft(source: Source | undefined) {
  const key = ["tandem.task-draft", ...(source ? [source.as, source.view.id] : [])].join("/");
  const [fresh] = useState(() => begin(source));
  const [kept, setKept] = useState(fresh);
  const [lost, setLost] = useState<Kept["chosen"]>([]);
  const [isRestored, setRestored] = useState(false);
  useEffect(() => {
    const found = keptDraft(key, fresh.of);
    if (found) {
      setKept(found);
      setLost(found.chosen);
    }
    setRestored(true);
  }, [key, fresh]);
  useEffect(() => {
    if (isRestored) keepDraft(key, kept);
  }, [key, kept, isRestored]);
  const set = useCallback(
    (changes: Partial<Kept>) => setKept((before) => ({ ...before, ...changes })),
    [],
  );
  const change = useCallback(
    (changes: Partial<Draft>) =>
      setKept((before) => ({ ...before, draft: { ...before.draft, ...changes } })),
    [],
  );
  const forget = useCallback(() => keepDraft(key, undefined), [key]);
  return { ...kept, lost, isRestored, set, change, forget };
}
