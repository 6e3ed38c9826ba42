"use client";

import Link from "next/link";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { patientImport } from "../../lib/join/patient-import";
import type { Study } from "../../lib/join/study";
import { isEncoderKept } from "../../lib/own-encoder/noted";
import { finished } from "../../text/join-again";
import { KeptPanel } from "../own-data/kept-summary";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import type { StudyPage } from "./study-page";

const OwnResults = lazy(() =>
  patientImport(() => import("./own-results")).then((loaded) => ({ default: loaded.OwnResults })),
);

const KeptEncoderPanel = lazy(() =>
  patientImport(() => import("../own-encoder/bring-encoder")).then((loaded) => ({
    default: loaded.KeptEncoderPanel,
  })),
);

/** A study that nobody can join any more: what came of it, and what is left of it here. */
export function Finished({
  study,
  task,
  earlier,
  model,
  erasure,
}: {
  readonly study: StudyPage;
  /** That somebody's own data are for. */
  readonly task: string | undefined;
  readonly earlier: Study | undefined;
  /** What that has learned, where there is anything. */
  readonly model: ReactNode;
  readonly erasure: ReactNode;
}) {
  const taken = earlier && earlier.history.length > 0 ? earlier : undefined;
  const [isEncoder, setIsEncoder] = useState(false);
  useEffect(() => setIsEncoder(isEncoderKept(study.id)), [study.id]);
  return (
    <div className="mt-6 space-y-6">
      <Panel title={finished.title}>
        <p className="text-sm text-ink-soft">
          {taken ? finished.thanks(taken.history.length) : finished.text}
        </p>
        <Button asChild tone="primary" className="mt-5">
          <Link href={`/experiments/${study.id}`}>{finished.results}</Link>
        </Button>
      </Panel>
      {model}
      {taken && (
        <Suspense>
          <OwnResults history={taken.history} classes={taken.classes} planned={study.rounds} />
        </Suspense>
      )}
      {task !== undefined && <KeptPanel task={task} />}
      {erasure}
      {isEncoder && (
        <Suspense>
          <KeptEncoderPanel experiment={study.id} />
        </Suspense>
      )}
    </div>
  );
}
