"use client";

import { messageOf } from "@tandem/core/errors";
import { useCallback, useEffect, useState } from "react";
import { RequestError, request } from "./request";

export type Resource<T> =
  | { readonly type: "loading" }
  /** `fresh` is false while what is at a new path is on its way: the last value stays. */
  | { readonly type: "ready"; readonly value: T; readonly fresh: boolean }
  /** `isGone`: the server knows of none at that path. */
  | { readonly type: "failed"; readonly message: string; readonly isGone: boolean };

type Settled<T> = { readonly path: string } & (
  | { readonly type: "ready"; readonly value: T }
  | { readonly type: "failed"; readonly message: string; readonly isGone: boolean }
);

/** What is at `path`, fetched again when it changes or on `retry`; without a path it waits for one. */
export function useResource<T>(
  path: string | undefined,
): Resource<T> & { readonly retry: () => void } {
  const [settled, setSettled] = useState<Settled<T>>();
  const [attempt, setAttempt] = useState(0);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    const settle = (next: Settled<T>) => !abort.signal.aborted && setSettled(next);
    request<T>(path, { signal: abort.signal }).then(
      (value) => settle({ type: "ready", value, path }),
      (error) => {
        const isGone = error instanceof RequestError && error.code === "not-found";
        settle({ type: "failed", message: messageOf(error), isGone, path });
      },
    );
    return () => abort.abort();
  }, [path, attempt]);
  const fresh = settled?.path === path;
  if (settled?.type === "ready") return { type: "ready", value: settled.value, fresh, retry };
  if (settled && fresh) {
    const { message, isGone } = settled;
    return { type: "failed", message, isGone, retry };
  }
  return { type: "loading", retry };
}
