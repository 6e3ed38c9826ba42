import { type AskModel, askModel } from "@tandem/client/own-model/ask-model";
import type { ModelAddress, ModelInfo } from "@tandem/client/own-model/messages";
import { useEffect, useState } from "react";
import { pageRecords } from "../join/page-records";
import { startWorker } from "../join/start-worker";

/** A model that this browser keeps, behind a worker of its own; looked at again after each round. */
export function useOwnModel(
  { experiment, identity }: ModelAddress,
  rounds: number,
): { readonly ask?: AskModel; readonly info?: ModelInfo } {
  const [ask, setAsk] = useState<{ readonly model: AskModel; readonly worker: Worker }>();
  const [info, setInfo] = useState<ModelInfo>();
  useEffect(() => {
    const worker = startWorker();
    setAsk({ worker, model: askModel(worker, { experiment, identity }) });
    return () => worker.terminate();
  }, [experiment, identity]);
  useEffect(() => {
    if (!ask) return;
    let ended = false;
    pageRecords.lendTo(ask.worker); // another worker has written since
    ask.model("open", {}).then(
      (found) => ended || setInfo(found),
      () => ended || setInfo(undefined), // what is kept cannot be read: there is nothing to show
    );
    return () => {
      ended = true;
    };
  }, [ask, rounds]);
  return { ...(ask && { ask: ask.model }), ...(info && { info }) };
}
