"use client";

import { messageOf } from "@tandem/core/errors";
import { useCallback, useEffect, useState } from "react";
import { request } from "./api";

export type Resource<T> =
  | { readonly type: "loading" }
  | { readonly type: "ready"; readonly value: T }
  | { readonly type: "failed"; readonly message: string };

/** What is at `path`, fetched again when it changes or on `retry`. */
export function useResource<T>(path: string): Resource<T> & { readonly retry: () => void } {
  const [state, setState] = useState<Resource<T> & { readonly path?: string }>({
    type: "loading",
  });
  const [attempt, setAttempt] = useState(0);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  useEffect(() => {
    const abort = new AbortController();
    request<T>(path, { signal: abort.signal }).then(
      (value) => !abort.signal.aborted && setState({ type: "ready", value, path }),
      (error) =>
        !abort.signal.aborted && setState({ type: "failed", message: messageOf(error), path }),
    );
    return () => abort.abort();
  }, [path, attempt]);
  return { ...(state.path === path ? state : { type: "loading" }), retry };
}
