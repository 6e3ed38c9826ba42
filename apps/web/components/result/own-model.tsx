"use client";

import type { PicturesOf } from "@tandem/client/kept-study";
import type { ModelResult } from "@tandem/client/own-model/messages";
import { useEffect } from "react";
import { pageRecords } from "../../lib/join/page-records";
import { useOwnModel } from "../../lib/result/use-own-model";
import { useWork } from "../../lib/result/use-work";
import { text } from "../../text/result";
import type { StudyPage } from "../join/study-page";
import { Button } from "../ui/button";
import { Details } from "../ui/details";
import { Panel } from "../ui/panel";
import { AskPainter } from "./ask-painter";
import { ClassBars, Confusion } from "./by-class";
import { Examples } from "./examples";
import { Figures } from "./figures";
import { TakeAlong } from "./take-along";
import { TryIt } from "./try-it";
import { WorkState } from "./work-state";

export type OwnModelProps = {
  readonly study: StudyPage;
  /** Which of this browser's clients; absent: the first that it keeps. */
  readonly identity?: number | undefined;
  /** That the tab has answered so far. */
  readonly rounds: number;
  /** The tab takes part no more: it has time. */
  readonly isOver: boolean;
  /** What pictures of an own task are made into; absent: as the model's. */
  readonly pictures?: PicturesOf | undefined;
  readonly onDelete?: () => void;
};

/** The model that this browser keeps: how well it does, something to try, and a way to take it along. */
export function OwnModel({ study, identity, rounds, isOver, pictures, onDelete }: OwnModelProps) {
  const { ask, info } = useOwnModel({ experiment: study.id, identity }, rounds);
  const { state, run, cancel } = useWork<ModelResult>();
  const isTrained = info?.trained === true;
  const measure = (which: "result" | "alone") => ask && run((options) => ask(which, {}, options));
  useEffect(() => {
    if (ask && isTrained && isOver) run((options) => ask("result", {}, options));
  }, [ask, isTrained, isOver, run]);
  if (!ask || !info || !isTrained) return null;
  // The size is the model's: a backbone's is not the task's.
  const format = info.pictures && { ...info.pictures, ...pictures, size: info.pictures.size };
  // The teacher is taught between two rounds of the tab, and before the end.
  const occasion = isOver ? "end" : String(rounds);
  const result = state.type === "done" ? state.value : undefined;
  return (
    <>
      <Panel
        title={text.title}
        description={
          pageRecords.holds(study.id) ? text.gone : onDelete ? text.staysUntil : text.stays
        }
        actions={
          state.type === "idle" || (result && result.rounds < info.rounds) ? (
            <Button onClick={() => measure("result")}>
              {result ? text.measureAgain : text.measure}
            </Button>
          ) : undefined
        }
      >
        {result ? (
          <>
            <Figures result={result} onAlone={() => measure("alone")} />
            <Examples examples={result.examples} />
            <ClassBars classes={info.classes} shares={result.now.classes} />
            {result.now.confusion.length > 0 && (
              <div className="mt-6">
                <Details title={text.mixesUp}>
                  <Confusion classes={info.classes} counts={result.now.confusion} />
                </Details>
              </div>
            )}
          </>
        ) : (
          <WorkState
            state={state}
            what={text.measuring}
            onCancel={cancel}
            idle={text.idle(info.rounds)}
          />
        )}
      </Panel>
      <TryIt ask={ask} info={info} format={format} />
      {study.hasTeacher && (
        <AskPainter ask={ask} study={study} classes={info.classes} occasion={occasion} />
      )}
      <TakeAlong ask={ask} info={info} study={study} occasion={occasion} onDelete={onDelete} />
    </>
  );
}
