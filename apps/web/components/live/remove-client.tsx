"use client";

import type { ExperimentId } from "@tandem/core/ids";
import type { ClientView } from "@tandem/protocol/view";
import { UserX } from "lucide-react";
import { useState, useTransition } from "react";
import { toast } from "sonner";
import { post } from "../../lib/request";
import { text } from "../../text/experiment";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";

type Props = {
  readonly experiment: ExperimentId;
  readonly client: Pick<ClientView, "id" | "name">;
};

/** Puts a participant out, once that is confirmed. */
export function RemoveClient({ experiment, client: { id, name } }: Props) {
  const [busy, run] = useTransition();
  const [address, setAddress] = useState(true);
  const remove = () =>
    run(async () => {
      try {
        await post(`/api/experiments/${experiment}/clients/${id}/remove`, { address });
      } catch (error) {
        toast.error((error as Error).message); // of the request
      }
    });
  return (
    <Confirm
      title={text.removal.title(name)}
      text={text.removal.text}
      verb={text.removal.verb}
      onConfirm={remove}
      more={
        <label className="mt-4 flex gap-2.5 text-sm whitespace-normal">
          <input
            type="checkbox"
            checked={address}
            onChange={({ target }) => setAddress(target.checked)}
            className="mt-0.5 size-4 shrink-0 accent-clients"
          />
          <span>
            {text.removal.address}
            <span className="block text-ink-soft">{text.removal.addressNote}</span>
          </span>
        </label>
      }
    >
      <Button
        tone="bare"
        disabled={busy}
        aria-label={text.removal.button(name)}
        title={text.removal.button(name)}
      >
        <UserX aria-hidden="true" />
      </Button>
    </Confirm>
  );
}
