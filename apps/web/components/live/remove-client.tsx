"use client";

import type { ExperimentId } from "@tandem/core/ids";
import type { ClientView } from "@tandem/protocol/view";
import { UserX } from "lucide-react";
import { useState, useTransition } from "react";
import { toast } from "sonner";
import { post } from "../../lib/request";
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
      title={`Remove “${name}”?`}
      text="Its tab is told so and loses its place, and what it has answered to the open round is left out. Earlier rounds stay as they are. This cannot be undone."
      verb="Remove participant"
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
            Keep out newcomers from its network address too
            <span className="block text-ink-soft">
              A school or an office often shares one. Who takes part already stays.
            </span>
          </span>
        </label>
      }
    >
      <Button tone="bare" disabled={busy} aria-label={`Remove ${name}`} title={`Remove ${name}`}>
        <UserX aria-hidden="true" />
      </Button>
    </Confirm>
  );
}
