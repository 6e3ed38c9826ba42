"use client";

import type { SetFolder } from "@tandem/intake/task/read-task";
import { parseTask } from "@tandem/protocol/task";
import { useEffect, useMemo } from "react";
import { text } from "../../text/task-form";
import { type Draft, definitionOf } from "./draft";
import { type Source, setOfView } from "./draft-of-task";
import { type Mistakes, stepOf } from "./mistakes";
import type { useDraft } from "./use-draft";
import { type SetField, useSet } from "./use-set";

const noSets = { public: undefined, test: undefined };
export const setStep = stepOf("public");

/** The form's sets, and whether their files can be used; which there were is remembered over a reload. */
export function useSets(
  { draft, step, chosen, isRestored, set, change }: ReturnType<typeof useDraft>,
  source: Source | undefined,
) {
  const readable = useMemo(() => {
    // Sets are read once there is something to read them for, not at each letter typed.
    if (step < setStep) return undefined;
    try {
      return parseTask({ ...definitionOf(draft), teacher: { kind: "none" } });
    } catch {
      return undefined; // an earlier step says what is wrong
    }
  }, [draft, step]);
  const there = source ? setOfView(source.view) : noSets;
  const field = (folder: SetFolder) => ({
    there: there[folder],
    isKept: there[folder] !== undefined && draft.keeps.includes(folder),
    keep: (isKept: boolean) => change({ keeps: withFolder(draft, folder, isKept) }),
  });
  const sets = {
    public: { ...useSet("public", readable), ...field("public") },
    test: { ...useSet("test", readable), ...field("test") },
  };
  const publicFiles = sets.public.files.length;
  const testFiles = sets.test.files.length;
  useEffect(() => {
    if (!isRestored) return;
    const now = [
      ...(publicFiles > 0 ? (["public"] as const) : []),
      ...(testFiles > 0 ? (["test"] as const) : []),
    ];
    if (now.join() !== chosen.join()) set({ chosen: now });
  }, [isRestored, publicFiles, testFiles, chosen, set]);
  const faults: Mistakes = { ...faultOf("public", sets.public), ...faultOf("test", sets.test) };
  const isReading = Object.values(sets).some(({ reading }) => reading?.type === "progress");
  return { sets, faults, isReading };
}

const withFolder = ({ keeps }: Draft, folder: SetFolder, isKept: boolean) => [
  ...keeps.filter((one) => one !== folder),
  ...(isKept ? [folder] : []),
];

const faultOf = (path: SetFolder, { reading }: SetField): Mistakes =>
  reading?.type === "failed" ? { [path]: text.mistakes.badFiles } : {};

/** Sets that stay and are of classes and pictures as they were; undefined: none does. */
export function lockOf(sets: { readonly public: SetField; readonly test: SetField }) {
  const kept = (["public", "test"] as const).filter(
    (folder) => sets[folder].isKept && sets[folder].files.length === 0,
  );
  return kept.length > 0 ? kept : undefined;
}
