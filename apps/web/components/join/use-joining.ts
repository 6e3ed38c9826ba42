import type { JoiningView } from "@tandem/protocol/view";
import { useEffect, useState } from "react";
import { request } from "../../lib/request";

/** The places as they are now: looked at when `active` begins, after `occasion` changes, and every 10 s. */
export function useJoining(
  id: string,
  initial: JoiningView,
  { active, occasion }: { readonly active: boolean; readonly occasion: unknown },
): JoiningView {
  const [joining, setJoining] = useState(initial);
  useEffect(() => {
    if (!active) return;
    const abort = new AbortController();
    const { signal } = abort;
    const look = () =>
      request<JoiningView>(`/api/experiments/${id}/joining`, { signal }).then(
        (value) => void (signal.aborted || setJoining(value)),
        () => {}, // the last that is known stays
      );
    void look();
    const timer = setInterval(look, 10_000);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [id, active, occasion]);
  return joining;
}
