"use client";

import { text } from "../../text/erasure";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";

/** For whoever has taken part, and does no more. */
export function Erasure(props: { readonly isErased: boolean; readonly onErase: () => void }) {
  if (props.isErased)
    return (
      <Panel title={text.title}>
        <p className="text-sm text-ink-soft" role="status">
          {text.erased}
        </p>
      </Panel>
    );
  return (
    <Panel title={text.title}>
      <p className="text-sm text-ink-soft">{text.offer}</p>
      <div className="mt-5">
        <Confirm title={text.ask} text={text.whatElse} verb={text.verb} onConfirm={props.onErase}>
          <Button>{text.erase}</Button>
        </Confirm>
      </div>
    </Panel>
  );
}
