"use client";

import type { AccountRole, AccountView, NewAccountLinkView } from "@tandem/protocol/view";
import { useState } from "react";
import { linksHaveChanged } from "../../lib/account/open-links";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/account";
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
    <Panel title={text.list.title} description={text.list.description}>
      {made && (
        <>
          <p className="mb-2 text-sm">{text.list.linkFor(made.name)}</p>
          <OnceText value={made.link} label={text.list.copyLink} />
        </>
      )}
      <Rows label={text.list.title} of={accounts} none={text.list.none}>
        {({ id, name, email, role, maySpend }) => (
          <>
            <Named name={email === me.email ? text.list.you(name) : name} text={email} />
            <div className="flex flex-wrap items-center gap-3">
              <RoleFields
                of={name}
                role={role}
                maySpend={maySpend}
                disabled={busy}
                onChange={(next) => change(id, next)}
              />
              <Confirm
                title={text.list.askPassword(name)}
                text={text.list.askPasswordText}
                verb={text.links.make}
                tone="primary"
                onConfirm={() => attempt(() => makeLink(id, name))}
              >
                <Button disabled={busy} aria-label={text.list.newPasswordFor(name)}>
                  {text.list.newPassword}
                </Button>
              </Confirm>
              <Confirm
                title={text.list.askRemove(name)}
                text={text.list.askRemoveText}
                verb={text.remove}
                onConfirm={() =>
                  attempt(async () => {
                    await request(`/api/accounts/${id}`, { method: "DELETE" });
                    accounts.retry();
                  })
                }
              >
                <Button tone="danger" disabled={busy} aria-label={text.removeOf(name)}>
                  {text.remove}
                </Button>
              </Confirm>
            </div>
          </>
        )}
      </Rows>
    </Panel>
  );
}
