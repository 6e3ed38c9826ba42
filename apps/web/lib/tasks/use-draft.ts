"use client";

import { useCallback, useEffect, useState } from "react";
import { type Draft, emptyDraft, type Kept, keepDraft, keptDraft } from "./draft";

const fresh: Kept = { draft: emptyDraft, step: 0, reached: 0, chosen: [] };

/** The form's texts and where it is, over a reload of the page. */
export function useDraft() {
  const [kept, setKept] = useState(fresh);
  const [lost, setLost] = useState<Kept["chosen"]>([]);
  const [isRestored, setRestored] = useState(false);
  useEffect(() => {
    const found = keptDraft();
    if (found) {
      setKept(found);
      setLost(found.chosen);
    }
    setRestored(true);
  }, []);
  useEffect(() => {
    if (isRestored) keepDraft(kept);
  }, [kept, isRestored]);
  const set = useCallback(
    (changes: Partial<Kept>) => setKept((before) => ({ ...before, ...changes })),
    [],
  );
  const change = useCallback(
    (changes: Partial<Draft>) =>
      setKept((before) => ({ ...before, draft: { ...before.draft, ...changes } })),
    [],
  );
  return { ...kept, lost, isRestored, set, change };
}
