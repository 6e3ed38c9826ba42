"use client";

import type { JoiningView } from "@tandem/protocol/view";
import { lazy, memo, type ReactNode, Suspense, useEffect, useState } from "react";
import type { Wish } from "../../lib/join/join-query";
import { patientImport } from "../../lib/join/patient-import";
import type { Study } from "../../lib/join/study";
import type { OwnTask } from "../../lib/own-data/collection";
import { isEncoderKept } from "../../lib/own-encoder/noted";
import { form, intro, notices } from "../../text/join";
import { whatIsAsked } from "../own-data/what-is-asked";
import { Details } from "../ui/details";
import { JoinForm } from "./join-form";
import type { StudyPage } from "./study-page";
import { useKept } from "./use-kept";

type Props = {
  readonly study: StudyPage;
  readonly joining: JoiningView;
  /** Absent: not known yet. */
  readonly isInvited: boolean | undefined;
  /** What somebody brings, where the study asks for it. */
  readonly task: OwnTask | undefined;
  readonly costs: ReactNode;
  readonly consent: ReactNode;
  readonly details: ReactNode;
  readonly wish: Wish;
  /** Of this browser. */
  readonly earlier: Study | undefined;
  /** What that has learned, where there is anything. */
  readonly model: ReactNode;
  /** To have erased what was sent, where there is anything. */
  readonly erasure: ReactNode;
  readonly onJoin: (wish: Wish) => void;
  readonly onContinue: (earlier: Study) => void;
  readonly onForget: (earlier: Study) => void;
};

const BringData = lazy(() =>
  patientImport(() => import("../own-data/bring-data")).then((loaded) => ({
    default: loaded.BringData,
  })),
);
// Drawn again before its code is there, as the places change, it would be built anew, without the
// files that somebody has already chosen.
const OwnData = memo(function OwnData(props: { id: string; asked: string; task: OwnTask }) {
  return (
    <Suspense fallback={<div className="min-h-96" />}>
      <BringData {...props} />
    </Suspense>
  );
});
const BringEncoder = lazy(() =>
  patientImport(() => import("../own-encoder/bring-encoder")).then((loaded) => ({
    default: loaded.BringEncoder,
  })),
);
// Of somebody who comes back.
const ComeBack = lazy(() =>
  patientImport(() => import("./come-back")).then((loaded) => ({ default: loaded.ComeBack })),
);
const Finished = lazy(() =>
  patientImport(() => import("./finished")).then((loaded) => ({ default: loaded.Finished })),
);

/** What is asked and what it costs, then the way in. */
export function BeforeJoining(props: Props) {
  const { study, joining, earlier } = props;
  const kept = useKept(joining.own?.task);
  const [hasEncoder, setHasEncoder] = useState(false);
  if (study.status === "finished")
    return (
      <Suspense>
        <Finished
          study={study}
          task={joining.own?.task}
          earlier={earlier}
          model={props.model}
          erasure={props.erasure}
        />
      </Suspense>
    );
  return (
    <>
      <p className="mt-2 mb-5 max-w-prose text-ink-soft">
        {sentenceOf(study, joining)} {notices[study.status]}
      </p>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_16rem] lg:gap-10">
        <div className="lg:order-2 lg:pt-6">{props.costs}</div>
        <div className="min-w-0 space-y-5 lg:order-1">
          {earlier && (
            <Suspense>
              <ComeBack
                study={earlier}
                isOwn={joining.own !== undefined}
                onContinue={() => props.onContinue(earlier)}
                onLeave={() => props.onForget(earlier)}
              />
            </Suspense>
          )}
          {props.model}
          {joining.own && props.task && (
            <OwnData id={joining.own.task} asked={whatIsAsked(joining.own)} task={props.task} />
          )}
          {!earlier && (
            <section
              aria-label={form.title}
              className="rounded-2xl border border-line bg-surface p-5 sm:p-6"
            >
              <JoinForm
                wish={props.wish}
                joining={joining}
                isInvited={props.isInvited}
                dataset={study.dataset}
                kept={kept}
                trainsOwn={hasEncoder && kept?.modality !== "text"}
                consent={props.consent}
                onJoin={props.onJoin}
              />
            </section>
          )}
          {joining.ownEncoder && !earlier && (
            <OwnEncoderDetails
              experiment={study.id}
              size={joining.own?.pictures.size ?? 32}
              onKept={setHasEncoder}
            />
          )}
          {props.erasure}
          {props.details}
        </div>
      </div>
    </>
  );
}

/** Loaded when it is opened, which it is where this browser keeps one. */
function OwnEncoderDetails(props: {
  readonly experiment: string;
  readonly size: number;
  readonly onKept: (isKept: boolean) => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => setIsOpen(isEncoderKept(props.experiment)), [props.experiment]);
  return (
    <Details title={intro.ownModel} isOpen={isOpen} onToggle={setIsOpen}>
      {isOpen && (
        <Suspense fallback={<div className="min-h-48" />}>
          <BringEncoder {...props} />
        </Suspense>
      )}
    </Details>
  );
}

function sentenceOf({ hasTeacher, rounds }: StudyPage, { classes }: JoiningView): string {
  return intro.trains(classes, rounds) + (hasTeacher ? intro.taught : ".");
}
