"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { CheckedBackbone, FromBackboneWorker, WantedBackbone } from "./backbone-messages";

type Check =
  | { readonly type: "idle" }
  | { readonly type: "checking" }
  | { readonly type: "failed"; readonly message: string };

const stopped = "The worker that checks it has stopped: reload the page, and try again.";

/** Tries a backbone in a worker, which ends with the check or with what shows it. */
export function useBackboneCheck(onChecked: (checked: CheckedBackbone) => void) {
  const [check, setCheck] = useState<Check>({ type: "idle" });
  const worker = useRef<Worker>(undefined);
  const told = useRef(onChecked);
  told.current = onChecked;
  const end = useCallback((then: Check) => {
    worker.current?.terminate();
    worker.current = undefined;
    setCheck(then);
  }, []);
  const start = useCallback(
    (wanted: WantedBackbone) => {
      end({ type: "checking" });
      const own = new Worker(new URL("./backbone-worker.ts", import.meta.url), { type: "module" });
      worker.current = own;
      own.addEventListener("message", ({ data }: MessageEvent<FromBackboneWorker>) => {
        if (data.type === "failed") return end(data);
        end({ type: "idle" });
        told.current({ reference: data.reference, bytes: data.bytes });
      });
      own.addEventListener("error", () => end({ type: "failed", message: stopped }));
      own.postMessage(wanted);
    },
    [end],
  );
  const reset = useCallback(() => end({ type: "idle" }), [end]);
  useEffect(() => () => worker.current?.terminate(), []);
  return { check, start, reset };
}
