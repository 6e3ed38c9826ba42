import { useSyncExternalStore } from "react";
import { keptData } from "../../lib/own-data/kept-data";
import type { Kept } from "../../lib/own-data/kept-messages";

/** What of somebody's own data for a task this browser is known to keep; whoever shows it has it looked for. */
export function useKept(task: string | undefined): Kept | undefined {
  const store = task === undefined ? undefined : keptData(task).store;
  const state = useSyncExternalStore(
    store?.subscribe ?? never,
    () => store?.getState(),
    () => undefined,
  );
  return state?.type === "kept" ? state.kept : undefined;
}

const never = () => () => {};
