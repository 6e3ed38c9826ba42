"use client";

import { useParams } from "next/navigation";
import { lazy, Suspense, useEffect, useState } from "react";
import { useStore } from "zustand";
import { patientImport } from "../../lib/join/patient-import";
import type { Study } from "../../lib/join/study";
import { ownPart } from "../../lib/join/taking-part";
import { gone } from "../../text/join-again";
import { Panel } from "../ui/panel";
import { useStudy } from "./use-study";

const OwnModel = lazy(() =>
  patientImport(() => import("../result/own-model")).then((loaded) => ({
    default: loaded.OwnModel,
  })),
);
const KeptPanel = lazy(() =>
  patientImport(() => import("../own-data/kept-summary")).then((loaded) => ({
    default: loaded.KeptPanel,
  })),
);

/** What this browser keeps of an experiment that the server does not have any more. */
export function LeftOfStudy() {
  const { id } = useParams<{ readonly id: string }>();
  const [part] = useState(() => ownPart({ id, name: "" }));
  const { phase } = useStore(part.store);
  const earlier = useStudy(id, phase);
  // The data may stay when the model has been deleted.
  const [task, setTask] = useState<string>();
  useEffect(() => {
    if (earlier?.options.task !== undefined) setTask(earlier.options.task);
  }, [earlier]);
  return (
    <div className="space-y-6">
      {earlier && earlier.history.length > 0 && (
        <>
          <Panel title={gone.title(earlier.title)}>
            <p className="text-sm text-ink-soft">{gone.text(earlier.history.length)}</p>
          </Panel>
          <Suspense>
            <OwnModel
              study={studyOfNone(id, earlier)}
              identity={earlier.identity}
              rounds={earlier.history.length}
              isOver
              onDelete={() => part.forget({ experiment: id, identity: earlier.identity })}
            />
          </Suspense>
        </>
      )}
      <Suspense>{task !== undefined && <KeptPanel task={task} />}</Suspense>
    </div>
  );
}

/** Nobody can say any more what it was on. */
const studyOfNone = (id: string, { title, history, options }: Study) => ({
  id,
  name: title || gone.study,
  status: "finished" as const,
  rounds: history.length,
  dataset: options.task ?? "",
  hasTeacher: false,
  isTaught: false,
});
