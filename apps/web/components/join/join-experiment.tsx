"use client";

import type { ClientState } from "@tandem/client/messages";
import type { JoiningView } from "@tandem/protocol/view";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { basePath } from "../../lib/base-path";
import type { ConsentChange } from "../../lib/join/consent";
import type { JoinQuery, Wish } from "../../lib/join/join-query";
import { patientImport } from "../../lib/join/patient-import";
import { hasLeft, isOutside, isOver } from "../../lib/join/phases";
import type { Study } from "../../lib/join/study";
import { rememberedIdentity } from "../../lib/join/tab-identity";
import { ownPart } from "../../lib/join/taking-part";
import type { OwnTask } from "../../lib/own-data/collection";
import { joining as words } from "../../text/join";
import { BeforeJoining } from "./before-joining";
import type { StudyPage } from "./study-page";
import { useConsent } from "./use-consent";
import { heldInvitation, useInvitation } from "./use-invitation";
import { useJoining } from "./use-joining";
import { earlierStudy, isReload, useHasSent, useStudy } from "./use-study";

const KeptPanel = lazy(() =>
  patientImport(() => import("../own-data/kept-summary")).then((loaded) => ({
    default: loaded.KeptPanel,
  })),
);

// Of somebody who has sent something.
const Erasure = lazy(() =>
  patientImport(() => import("./erasure")).then((loaded) => ({ default: loaded.Erasure })),
);

type Props = {
  readonly study: StudyPage;
  readonly joining: JoiningView;
  /** What somebody brings, where the study asks for it. */
  readonly task?: OwnTask | undefined;
  readonly query: JoinQuery;
  /** Drawn by the server: time and bytes, what somebody agrees to, and all of it. */
  readonly costs: ReactNode;
  readonly consent: ReactNode;
  readonly details: ReactNode;
};

// Not needed before joining.
const TakingPart = lazy(() =>
  patientImport(() => import("./taking-part")).then((loaded) => ({ default: loaded.TakingPart })),
);

// Of somebody who is asked again.
const ConsentChanged = lazy(() =>
  patientImport(() => import("./consent-changed")).then((loaded) => ({
    default: loaded.ConsentChanged,
  })),
);

const OwnModel = lazy(() =>
  patientImport(() => import("../result/own-model")).then((loaded) => ({
    default: loaded.OwnModel,
  })),
);

export function JoinExperiment({ study: drawn, joining: initial, ...props }: Props) {
  const { id } = drawn;
  const { task, query, costs, consent, details } = props;
  const [part] = useState(() => ownPart(drawn));
  const state = useStore(part.store);
  const { phase } = state;
  const { auto, slot, prefer, ...wish } = query;
  const [latest, setLatest] = useState<Wish>(wish);
  const study: StudyPage = useEnded(phase) ? { ...drawn, status: "finished" } : drawn;
  const outside = isOutside(state);
  const joining = useJoining(id, initial, { active: outside, occasion: phase });
  const earlier = useStudy(id, outside && phase);
  const { changes, isChanged, agree } = useConsent(id, initial.consent, joining.consent);
  const isInvited = useInvitation(id, joining.admission);
  const top = useRef<HTMLDivElement>(null);
  const isAsked = useRef(false);

  const join = (wanted: Wish, given: Pick<JoinQuery, "slot" | "prefer"> & Partial<Study> = {}) => {
    setLatest(wanted);
    const url = window.location.origin + basePath;
    part.join({
      url,
      wasmPath: `${url}/tfjs/`,
      experiment: id,
      identity: given.identity ?? rememberedIdentity(id),
      ...(given.slot !== undefined && { slot: given.slot }),
      ...(given.prefer && { prefer: given.prefer }),
      ...(joining.own && { task: joining.own.task }),
      ...heldInvitation(id),
      consent: agree(),
      ...wanted,
    });
  };
  const isToGoOn = () => isReload() && study.status !== "finished" && !isChanged();
  const goOn = ({ identity, options: { prefer: before, ...options } }: Study) =>
    join(options, { identity, ...(before && { prefer: before }) });
  /** What somebody does: the page then shows what comes of it. */
  const asked = (work: () => void) => () => {
    isAsked.current = true;
    work();
  };

  /** Of a client that has answered rounds; deleted here once nothing else takes part as it. */
  const model = (client: { identity: number | undefined; rounds: number; isOver: boolean }) => {
    const { identity, rounds, isOver: canDelete } = client;
    if (rounds === 0) return undefined;
    const remove = identity !== undefined && asked(() => part.forget({ experiment: id, identity }));
    return (
      <Suspense>
        <OwnModel
          study={study}
          pictures={joining.own?.pictures}
          {...client}
          {...(canDelete && remove && { onDelete: remove })}
        />
      </Suspense>
    );
  };

  const erasure = useHasSent(id, earlier, state) && (
    <Suspense>
      <Erasure isErased={state.sent === "erased"} onErase={asked(part.erase)} />
    </Suspense>
  );

  // Once, when the page opens: a press of the button before this code was there, or a reload in the midst of taking part.
  useEffect(() => {
    if (part.store.getState().phase !== "idle") return;
    let ended = false;
    void earlierStudy(id).then((before) => {
      if (ended || part.store.getState().phase !== "idle") return;
      const isOwn = before !== undefined && before.identity === rememberedIdentity(id);
      if (isOwn && before.how === "paused") return;
      if (auto) join(wish, { ...(slot !== undefined && { slot }), ...(prefer && { prefer }) });
      else if (isOwn && before.how === "taking-part" && isToGoOn()) goOn(before);
    });
    return () => {
      ended = true;
    };
  }, [part]);

  // The status is on top, and who uses a keyboard or a screen reader is there too.
  useEffect(() => {
    if (!isAsked.current) return;
    window.scrollTo({ top: 0 });
    top.current?.focus({ preventScroll: true });
  }, [outside, isOver(state)]);
  const outcome = <Outcome state={state} />;
  if (outside)
    return (
      <>
        {phase !== "idle" && (
          <div ref={top} tabIndex={-1} className="mt-4 mb-4 rounded-lg outline-none">
            {outcome}
          </div>
        )}
        <Changes changes={changes} />
        <BeforeJoining
          study={study}
          joining={joining}
          isInvited={isInvited}
          task={task}
          costs={costs}
          consent={consent}
          details={details}
          wish={latest}
          earlier={earlier}
          model={
            earlier &&
            model({
              identity: earlier.identity,
              rounds: earlier.history.length,
              isOver: study.status === "finished",
            })
          }
          erasure={erasure}
          onJoin={(wanted) => asked(() => join(wanted, prefer && { prefer }))()}
          onContinue={(before) => asked(() => goOn(before))()}
          onForget={({ identity }) => asked(() => part.forget({ experiment: id, identity }))()}
        />
      </>
    );
  return (
    <div ref={top} tabIndex={-1} className="outline-none">
      <Suspense fallback={outcome}>
        <TakingPart
          study={study}
          state={state}
          details={details}
          isOwn={joining.own !== undefined}
          model={
            phase !== "left" &&
            model({
              identity: state.identity,
              rounds: state.history.length,
              isOver: phase === "finished" || phase === "removed",
            })
          }
          onPause={part.pause}
          onResume={part.resume}
          onLeave={(how) => asked(() => part.leave(how))()}
          erasure={isOver(state) && erasure}
          onJoinAgain={asked(() => join(latest, prefer && { prefer }))}
        />
        {joining.own && isOver(state) && (
          <div className="mt-6">
            <Suspense>
              <KeptPanel task={joining.own.task} />
            </Suspense>
          </div>
        )}
      </Suspense>
    </div>
  );
}

/** What the server has drawn may be older than what this tab has seen. */
function useEnded(phase: ClientState["phase"]): boolean {
  const [hasEnded, setHasEnded] = useState(false);
  useEffect(() => {
    if (phase === "finished") setHasEnded(true);
  }, [phase]);
  return hasEnded;
}

function Changes({ changes }: { readonly changes: readonly ConsentChange[] }) {
  return (
    changes.length > 0 && (
      <Suspense>
        <ConsentChanged changes={changes} />
      </Suspense>
    )
  );
}

/** Of an attempt to join, or of leaving. */
function Outcome({ state: { error, phase } }: { readonly state: ClientState }) {
  const text = error?.message ?? (phase === "left" ? hasLeft : words);
  return (
    <p
      role={error ? "alert" : "status"}
      className={`rounded-lg px-4 py-3 text-sm ${error ? "bg-bad-soft text-bad" : "bg-good-soft text-good"}`}
    >
      {text}
    </p>
  );
}
