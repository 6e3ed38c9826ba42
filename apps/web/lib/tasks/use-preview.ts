"use client";

import { messageOf } from "@tandem/core/errors";
import type { TaskTeacher } from "@tandem/core/task";
import type { PreviewView } from "@tandem/protocol/view";
import { useCallback, useEffect, useState } from "react";
import { post, request } from "../request";

export type PreviewOf = {
  readonly teacher: TaskTeacher;
  readonly prompts: readonly string[];
  readonly size: number;
  /** Whose base paints, where the teacher is `trained`. */
  readonly task?: string;
};

const lookEveryMs = 700;
/** What is typed has come to rest. */
const restMs = 500;

/** The sheet of what a teacher paints: what there is of it, and how to have it painted. */
export function usePreview(of: PreviewOf) {
  const asked = JSON.stringify(of);
  const [found, setFound] = useState<{ readonly asked: string; readonly view: PreviewView }>();
  const [failure, setFailure] = useState<{ readonly asked: string; readonly message: string }>();
  const view = found?.asked === asked ? found.view : undefined;

  const settle = useCallback(
    async (answer: Promise<PreviewView>) => {
      try {
        const view = await answer;
        setFound({ asked, view });
        setFailure(undefined);
      } catch (error) {
        setFailure({ asked, message: messageOf(error) });
      }
    },
    [asked],
  );
  const ask = useCallback(
    (begin: boolean) => settle(post("/api/previews", { ...JSON.parse(asked), begin })),
    [asked, settle],
  );
  useEffect(() => {
    const timer = setTimeout(() => void ask(false), restMs);
    return () => clearTimeout(timer);
  }, [ask]);

  const id = view?.id;
  const isBusy = view?.state === "waiting" || view?.state === "painting";
  useEffect(() => {
    if (!isBusy) return undefined;
    const timer = setInterval(() => void settle(request(`/api/previews/${id}`)), lookEveryMs);
    return () => clearInterval(timer);
  }, [isBusy, id, settle]);

  return {
    view,
    isBusy,
    failure: failure?.asked === asked ? failure.message : undefined,
    paint: () => void ask(true),
    stop: () => void settle(request(`/api/previews/${id}`, { method: "DELETE" })),
  };
}
