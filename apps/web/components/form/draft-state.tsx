import type { DraftState as State } from "../../lib/form/use-draft";
import { text } from "../../text/new-experiment";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";

const said = text.draft;

/** Whether what has been entered is kept, and the way to be rid of it. */
export function DraftState({
  state,
  discard,
}: {
  readonly state: State;
  readonly discard: () => void;
}) {
  if (state === "none") return null;
  if (state === "refused") return <p className="text-xs text-bad">{said.lost}</p>;
  return (
    <div className="flex items-center gap-1 text-xs text-ink-soft">
      <span className="max-sm:sr-only">{said.kept}</span>
      <Confirm title={said.question} text={said.what} verb={said.discard} onConfirm={discard}>
        <Button tone="bare" className="-mr-3 min-h-8 px-3 text-xs">
          {said.discard}
        </Button>
      </Confirm>
    </div>
  );
}
