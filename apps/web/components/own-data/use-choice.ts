import { useCallback, useMemo, useState } from "react";
import { extended, type Range } from "../../lib/own-data/choose-range";

const nothing = { chosen: new Set<string>() as ReadonlySet<string>, range: { from: "", to: "" } };

/** Which of the ids are chosen: one by one, all between two, or many at once. `order`: as they are shown. */
export function useChoice(ids: readonly string[], order: readonly string[]) {
  const [{ chosen }, setState] = useState<{
    readonly chosen: ReadonlySet<string>;
    readonly range: Range;
  }>(nothing);
  const choose = useCallback(
    (id: string, isRange: boolean) =>
      setState((now) => {
        if (isRange) return extended(now.chosen, order, now.range, id);
        const next = new Set(now.chosen);
        if (!next.delete(id)) next.add(id);
        return { chosen: next, range: { from: id, to: id } };
      }),
    [order],
  );
  const here = useMemo(() => ids.filter((id) => chosen.has(id)), [ids, chosen]); // what is gone is not
  return {
    chosen,
    ids: here,
    choose,
    /** From an id, unless the last range ends there. */
    extendFrom(from: string, to: string) {
      setState((now) =>
        extended(now.chosen, order, now.range.to === from ? now.range : { from, to: from }, to),
      );
    },
    set: (some: readonly string[], isChosen: boolean) =>
      setState((now) => {
        const next = new Set(now.chosen);
        for (const id of some) isChosen ? next.add(id) : next.delete(id);
        return { chosen: next, range: now.range };
      }),
    clear: () => setState(nothing),
  };
}
