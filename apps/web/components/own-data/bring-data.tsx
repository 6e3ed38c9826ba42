"use client";

import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { patientImport } from "../../lib/join/patient-import";
import { createCollection, type OwnTask } from "../../lib/own-data/collection";
import { fits } from "../../lib/own-data/fits";
import { keptData } from "../../lib/own-data/kept-data";
import { panel } from "../../text/bring-data";
import { Alert } from "../ui/alert";
import { Panel } from "../ui/panel";
import { Sources } from "./sources";

// Knows how files become samples: loaded with the first of them.
const Review = lazy(() =>
  patientImport(() => import("./review")).then((loaded) => ({ default: loaded.Review })),
);

// Of somebody who has brought data before, or is about to.
const KeptSummary = lazy(() =>
  patientImport(() => import("./kept-summary")).then((loaded) => ({
    default: loaded.KeptSummary,
  })),
);
const ReadingProgress = lazy(() =>
  patientImport(() => import("./reading-progress")).then((loaded) => ({
    default: loaded.ReadingProgress,
  })),
);

type Props = {
  /** Of the task. */
  readonly id: string;
  /** In words. */
  readonly asked: string;
  readonly task: OwnTask;
};

/** Where somebody brings data of their own: it is read, looked at and kept in this browser. */
export function BringData({ id, asked, task }: Props) {
  return (
    <Panel title={panel.title} description={asked}>
      <Bringing id={id} task={task} />
    </Panel>
  );
}

function Bringing({ id, task }: { readonly id: string; readonly task: OwnTask }) {
  const [collection] = useState(() =>
    createCollection(task, () => import("../../lib/own-data/tools")),
  );
  const data = keptData(id);
  const kept = useStore(data.store);
  const { intake, before, progress, problem, isKeeping } = useStore(collection.store);
  const [isAdding, setIsAdding] = useState(false);
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void data.look();
    // What is dropped beside the area, or while files are read, must not take the page's place.
    const refuse = (event: DragEvent) => event.preventDefault();
    for (const type of ["dragover", "drop"] as const) document.addEventListener(type, refuse);
    return () => {
      for (const type of ["dragover", "drop"] as const) document.removeEventListener(type, refuse);
      collection.cancel();
    };
  }, [data, collection]);

  const keep = async () => {
    if (!(await collection.keep(data.write))) return;
    setIsAdding(false);
    top.current?.focus();
    top.current?.scrollIntoView({ block: "nearest" });
  };
  const isFit = kept.type === "kept" && fits(kept.kept, task);
  const isOpen = !isFit || isAdding || intake !== undefined;
  return (
    <div ref={top} tabIndex={-1} className="-mt-2 space-y-6 outline-none">
      <p className="text-sm">
        <span className="font-medium">{panel.classes}</span>{" "}
        <span className="text-ink-soft">{task.classes.map(({ name }) => name).join(", ")}</span>
      </p>
      {(kept.type === "kept" || kept.type === "failed") && (
        <Suspense fallback={<p className="text-sm text-ink-soft">{panel.loading}</p>}>
          <KeptSummary
            data={data}
            wanted={task}
            onReplace={isOpen ? undefined : () => setIsAdding(true)}
          />
        </Suspense>
      )}
      {isOpen && !progress && (
        <Sources task={task} isSmall={intake !== undefined} onAdd={collection.add} />
      )}
      {progress && (
        <Suspense fallback={<p className="text-sm text-ink-soft">{panel.reading}</p>}>
          <ReadingProgress progress={progress} onCancel={collection.cancel} />
        </Suspense>
      )}
      {problem && <Alert>{problem}</Alert>}
      {intake && (
        <Suspense fallback={<p className="text-sm text-ink-soft">{panel.loading}</p>}>
          <Review
            intake={intake}
            task={task}
            isBusy={isKeeping || progress !== undefined}
            isKeeping={isKeeping}
            canUndo={before !== undefined}
            replaces={kept.type === "kept"}
            onChange={collection.change}
            onUndo={collection.undo}
            onClear={collection.clear}
            onKeep={() => void keep()}
          />
        </Suspense>
      )}
    </div>
  );
}
