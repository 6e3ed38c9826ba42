import type { ReactNode } from "react";
import type { Work } from "../../lib/result/use-work";
import { text } from "../../text/result";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { ProgressBar } from "../ui/progress-bar";

/** Of a work that goes on or has failed; what there is once it is done is drawn elsewhere. */
export function WorkState({
  state,
  what,
  idle,
  onCancel,
}: {
  readonly state: Work<unknown>;
  /** In words, without a full stop. */
  readonly what: string;
  readonly idle?: ReactNode;
  readonly onCancel: () => void;
}) {
  switch (state.type) {
    case "idle":
      return idle ? <p className="text-sm text-ink-soft">{idle}</p> : null;
    case "working":
      return (
        <div className="flex items-center gap-4">
          <div className="min-w-0 flex-1">
            <p role="status" className="mb-2 text-sm text-ink-soft">
              {text.working(what)}
            </p>
            <ProgressBar label={what} fraction={state.fraction} />
          </div>
          <Button onClick={onCancel}>{text.cancel}</Button>
        </div>
      );
    case "failed":
      return <Alert>{state.message}</Alert>;
    default:
      return null;
  }
}
