"use client";

import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { whatErasureDoes } from "./what-erasure-does";

/** For whoever has taken part, and does no more. */
export function Erasure(props: { readonly isErased: boolean; readonly onErase: () => void }) {
  if (props.isErased)
    return (
      <Panel title="What you sent">
        <p className="text-sm text-ink-soft" role="status">
          It has been erased from the server. What rounds had made of all answers stays.
        </p>
      </Panel>
    );
  return (
    <Panel title="What you sent">
      <p className="text-sm text-ink-soft">
        The server still keeps what this browser has sent to this study. You can have it erased.
      </p>
      <div className="mt-5">
        <Confirm
          title="Erase what you sent?"
          text={`${whatErasureDoes} This browser also forgets its model of this study, and none of its tabs goes on taking part.`}
          verb="Erase"
          onConfirm={props.onErase}
        >
          <Button>Erase what I sent</Button>
        </Confirm>
      </div>
    </Panel>
  );
}
