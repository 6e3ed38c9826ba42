import { messageOf } from "@tandem/core/errors";
import type { ExperimentView } from "@tandem/protocol/view";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { RequestError, request } from "../request";

type Settled =
  | { readonly type: "there"; readonly view: ExperimentView }
  | { readonly type: "gone" }
  | { readonly type: "failed"; readonly message: string };

const againMs = 10_000;

/** The experiments with these ids, each fetched once; those that may go on again every ten seconds while somebody looks. */
export function useRuns(ids: readonly string[]) {
  const [settled, setSettled] = useState<ReadonlyMap<string, Settled>>(new Map());
  const asked = useRef(new Set<string>());
  const ask = useCallback(async (some: readonly string[]) => {
    const found = await Promise.all(some.map(settle));
    setSettled((before) => {
      const after = new Map(before);
      // What was there stays when it cannot be fetched again.
      for (const [i, one] of found.entries())
        if (one.type !== "failed" || before.get(some[i])?.type !== "there") after.set(some[i], one);
      return after;
    });
  }, []);

  useEffect(() => {
    const unasked = ids.filter((id) => !asked.current.has(id));
    for (const id of unasked) asked.current.add(id);
    // Together, so that all is drawn once.
    if (unasked.length > 0) void ask(unasked);
  }, [ids, ask]);

  const runs = useMemo(
    () =>
      ids.flatMap((id) => {
        const one = settled.get(id);
        return one?.type === "there" ? [one.view] : [];
      }),
    [ids, settled],
  );
  const open = runs.filter(({ status }) => status !== "finished");
  const openIds = open.map(({ id }) => id).join();
  useEffect(() => {
    if (openIds === "") return;
    const timer = setInterval(() => {
      if (document.visibilityState !== "visible") return;
      void ask(openIds.split(","));
    }, againMs);
    return () => clearInterval(timer);
  }, [openIds, ask]);

  const ofType = (type: Settled["type"]) => ids.filter((id) => settled.get(id)?.type === type);
  const failed = ofType("failed");
  const first = settled.get(failed[0] ?? "");
  return {
    runs,
    gone: ofType("gone"),
    failed,
    message: first?.type === "failed" ? first.message : "",
    waiting: ids.filter((id) => !settled.has(id)).length,
    retry: () => void ask(failed),
  };
}

const settle = (id: string): Promise<Settled> =>
  request<ExperimentView>(`/api/experiments/${encodeURIComponent(id)}`).then(
    (view) => ({ type: "there", view }),
    (error: unknown) =>
      // An address that can be none's is as wrong as one that is nobody's.
      error instanceof RequestError && ["not-found", "bad-config"].includes(error.code)
        ? { type: "gone" }
        : { type: "failed", message: messageOf(error) },
  );
