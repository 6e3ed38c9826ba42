import { messageOf } from "@tandem/core/errors";
import type { ExperimentLabels } from "@tandem/core/experiment";
import type { LabelChange } from "@tandem/protocol/experiment-labels";
import type { ExperimentView } from "@tandem/protocol/view";
import { toast } from "sonner";
import { text } from "../../text/runs";
import { request } from "../request";

/** An experiment as far as its labels are changed. */
export type Labelled = { readonly id: string } & Pick<ExperimentLabels, "tags" | "archived">;

export const changeLabels = (id: string, change: LabelChange): Promise<ExperimentView> =>
  request(`/api/experiments/${id}/labels`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  });

/** Changes one after another, and says so with a way back. `onDone`: after each change of the list. */
export async function relabel(
  all: readonly Labelled[],
  changeOf: (one: Labelled) => LabelChange | undefined,
  { said, onDone }: { readonly said: (count: number) => string; readonly onDone: () => void },
): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  const wanted = all.flatMap((one) => {
    const change = changeOf(one);
    return change ? [{ one, change }] : [];
  });
  let problem: string | undefined;
  for (const { one, change } of wanted)
    try {
      await changeLabels(one.id, change);
      const before = Object.keys(change).map((name) => [name, one[name as keyof Labelled]]);
      undo.push(() => changeLabels(one.id, Object.fromEntries(before)));
    } catch (error) {
      problem = messageOf(error);
      break;
    }
  onDone();
  if (wanted.length === 0) return;
  const goBack = async () => {
    try {
      for (const one of undo) await one();
      toast(text.undone);
    } catch (error) {
      toast.error(messageOf(error));
    }
    onDone();
  };
  const action = { label: text.undo, onClick: () => void goBack() };
  const done = undo.length;
  if (problem === undefined) toast(said(done), { action, duration: 10_000 });
  else
    toast.error(text.partly(done, wanted.length, problem), {
      ...(done > 0 && { action, duration: 10_000 }),
    });
}
