"use client";

import type { AccountRole, AccountView } from "@tandem/protocol/view";
import { request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { RoleFields } from "./role-fields";
import { Named, Rows } from "./rows";
import { useAttempt } from "./use-attempt";
import { useVisitor } from "./visitor";

/** Who has an account, to be given another role or removed. */
export function AccountList() {
  const me = useVisitor();
  const accounts = useResource<readonly AccountView[]>("/api/accounts");
  const { busy, attempt } = useAttempt();
  const change = (id: string, body: { role?: AccountRole; maySpend?: boolean }) =>
    attempt(async () => {
      await request(`/api/accounts/${id}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }).finally(accounts.retry);
    });
  return (
    <Panel title="Accounts" description="Participants need none.">
      <Rows label="Accounts" of={accounts} none="Nobody has one.">
        {({ id, name, email, role, maySpend }) => (
          <>
            <Named name={email === me.email ? `${name} (you)` : name} text={email} />
            <div className="flex flex-wrap items-center gap-3">
              <RoleFields
                of={name}
                role={role}
                maySpend={maySpend}
                disabled={busy}
                onChange={(next) => change(id, next)}
              />
              <Confirm
                title={`Remove ${name}?`}
                text="The account goes with its tokens and passkeys, and is signed out everywhere. Experiments and tasks stay."
                verb="Remove"
                onConfirm={() =>
                  attempt(async () => {
                    await request(`/api/accounts/${id}`, { method: "DELETE" });
                    accounts.retry();
                  })
                }
              >
                <Button tone="danger" disabled={busy} aria-label={`Remove ${name}`}>
                  Remove
                </Button>
              </Confirm>
            </div>
          </>
        )}
      </Rows>
    </Panel>
  );
}
