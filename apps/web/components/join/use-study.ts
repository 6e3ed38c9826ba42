import type { ClientState } from "@tandem/client/messages";
import { useEffect, useState } from "react";
import { leftKey, local, type Study, studies } from "../../lib/join/study";
import { rememberedIdentity } from "../../lib/join/tab-identity";

/** What this browser took part in before: this tab's own, else one that no tab goes on with now. */
export async function earlierStudy(experiment: string): Promise<Study | undefined> {
  const all = studies.of(experiment);
  const own = rememberedIdentity(experiment);
  const held = await heldIdentities(experiment);
  return (
    all.find(({ identity }) => identity === own) ?? all.find(({ identity }) => !held.has(identity))
  );
}

/** Of the clients that tabs of this browser are at this moment; `packages/client` names the locks. */
async function heldIdentities(experiment: string): Promise<ReadonlySet<number>> {
  const prefix = `tandem/${experiment}/`;
  const locks: LockManager | undefined = navigator.locks; // absent without https
  const { held = [] } = (await locks?.query().catch(() => undefined)) ?? {};
  return new Set(held.map(({ name = "" }) => Number(name.slice(prefix.length))));
}

/** The document was loaded once more, and did not come from a link. */
export function isReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "reload" || entry?.type === "back_forward";
}

/** Looks again when `occasion` changes; undefined until it is known. */
export function useStudy(experiment: string, occasion: unknown): Study | undefined {
  const [study, setStudy] = useState<Study>();
  useEffect(() => {
    let ended = false;
    void earlierStudy(experiment).then((found) => ended || setStudy(found));
    return () => {
      ended = true;
    };
  }, [experiment, occasion]);
  return study;
}

/** Whether this browser has sent anything, erased by now or not. */
export function useHasSent(
  experiment: string,
  earlier: Study | undefined,
  state: Pick<ClientState, "sent" | "history">,
): boolean {
  const { sent } = state;
  const [isLeft, setIsLeft] = useState(false);
  useEffect(() => setIsLeft(local.get(leftKey(experiment)) !== undefined), [experiment, sent]);
  return isLeft || sent !== undefined || (earlier ?? state).history.length > 0;
}
