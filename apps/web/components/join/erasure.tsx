import type { ClientState } from "@tandem/client/messages";
import { lazy, Suspense, useEffect, useState } from "react";
import { patientImport } from "../../lib/join/patient-import";
import { type Study, studies } from "../../lib/join/study";

const EraseSent = lazy(() =>
  patientImport(() => import("./erase-sent")).then((loaded) => ({ default: loaded.EraseSent })),
);

/** A way to have erased what this browser has sent, where there is anything. */
export function Erasure({
  experiment,
  earlier,
  state: { sent, history },
  onErase,
}: {
  readonly experiment: string;
  readonly earlier: Study | undefined;
  readonly state: ClientState;
  readonly onErase: () => void;
}) {
  const [hasLeft, setHasLeft] = useState(false);
  useEffect(() => setHasLeft(sent === "kept" || studies.hasLeft(experiment)), [experiment, sent]);
  const hasAnswered = history.length > 0 || (earlier?.history.length ?? 0) > 0;
  if (!hasLeft && (!hasAnswered || sent === "erased")) return null;
  return (
    <Suspense>
      <EraseSent onErase={onErase} />
    </Suspense>
  );
}
