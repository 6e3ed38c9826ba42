import { codeOf, messageOf } from "@tandem/core/errors";
import { useCallback, useEffect, useRef, useState } from "react";

export type Work<T> =
  | { readonly type: "idle" }
  /** 0-1. */
  | { readonly type: "working"; readonly fraction: number }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "done"; readonly value: T };

export type WorkOptions = {
  readonly signal: AbortSignal;
  readonly progress: (fraction: number) => void;
};

/** Something that takes a while: one at a time, another one ends it, and so does the page. */
export function useWork<T>() {
  const [state, setState] = useState<Work<T>>({ type: "idle" });
  const running = useRef<AbortController>(undefined);
  const cancel = useCallback(() => {
    running.current?.abort();
    setState({ type: "idle" });
  }, []);
  const run = useCallback((work: (options: WorkOptions) => Promise<T>) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const { signal } = abort;
    const settle = (next: Work<T>) => signal.aborted || setState(next);
    settle({ type: "working", fraction: 0 });
    const progress = (fraction: number) => void settle({ type: "working", fraction });
    work({ signal, progress }).then(
      (value) => settle({ type: "done", value }),
      (error) =>
        settle(
          codeOf(error) === "cancelled"
            ? { type: "idle" }
            : { type: "failed", message: messageOf(error) },
        ),
    );
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  return { state, run, cancel };
}
