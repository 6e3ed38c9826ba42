"use client";

import type { AccountRole, AccountView, NewAccountLinkView } from "@tandem/protocol/view";
import { useState } from "react";
import { linksHaveChanged } from "../../lib/account/open-links";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { RoleFields } from "./role-fields";
import { Named, OnceText, Rows } from "./rows";
import { useAttempt } from "./use-attempt";
import { useVisitor } from "./visitor";

/** Who has an account, to be given another role, a new password or removed; `address` is the server's. */
export function AccountList({ address }: { readonly address: string }) {
  const me = useVisitor();
  const accounts = useResource<readonly AccountView[]>("/api/accounts");
  const { busy, attempt } = useAttempt();
  const [made, setMade] = useState<{ readonly name: string; readonly link: string }>();
  const makeLink = async (id: string, name: string) => {
    const { token } = await post<NewAccountLinkView>(`/api/accounts/${id}/password-link`);
    linksHaveChanged();
    setMade({ name, link: `${address}/accounts/password#${token}` });
  };
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
      {made && (
        <>
          <p className="mb-2 text-sm">
            With this link {made.name} can set a new password, once, within 24 hours. Send it to
            nobody else.
          </p>
          <OnceText value={made.link} label="Copy link" />
        </>
      )}
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
                title={`A new password for ${name}?`}
                text="You get a link to send to them. The old password holds until they have set a new one with it; then the account is signed out everywhere."
                verb="Make a link"
                tone="primary"
                onConfirm={() => attempt(() => makeLink(id, name))}
              >
                <Button disabled={busy} aria-label={`New password for ${name}`}>
                  New password
                </Button>
              </Confirm>
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
