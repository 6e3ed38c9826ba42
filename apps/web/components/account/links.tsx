"use client";

import { formatMinute } from "@tandem/core/format";
import type { AccountLinkView, AccountRole, NewAccountLinkView } from "@tandem/protocol/view";
import { useState } from "react";
import { useLinkChanges } from "../../lib/account/open-links";
import { aRole, roleTexts } from "../../lib/account/roles";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/account";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { RoleFields } from "./role-fields";
import { Named, OnceText, Rows } from "./rows";
import { useAttempt } from "./use-attempt";

/** Links that make an account each, for whoever is sent one; `address` is the server's. */
export function Links({ address }: { readonly address: string }) {
  const links = useResource<readonly AccountLinkView[]>("/api/account-links");
  useLinkChanges(links.retry);
  const [wanted, setWanted] = useState<{ role: AccountRole; maySpend: boolean }>({
    role: "viewer",
    maySpend: false,
  });
  const [made, setMade] = useState<string>();
  const { busy, attempt } = useAttempt();
  const make = async () => {
    const { token } = await post<NewAccountLinkView>("/api/account-links", wanted);
    setMade(`${address}/accounts/new#${token}`);
    links.retry();
  };
  return (
    <Panel title={text.links.title} description={text.links.description}>
      {made && <OnceText value={made} label={text.list.copyLink} />}
      <div className="flex flex-wrap items-center gap-3">
        <RoleFields
          of={text.links.invited}
          {...wanted}
          disabled={busy}
          onChange={(change) => setWanted((before) => ({ ...before, ...change }))}
        />
        <Button tone="primary" disabled={busy} onClick={() => attempt(make)}>
          {text.links.make}
        </Button>
      </div>
      <p className="mt-2 mb-5 text-xs text-ink-soft">
        {text.links.about(aRole(wanted.role), roleTexts[wanted.role])}
      </p>
      <Rows label={text.links.open} of={links} none={text.links.none}>
        {({ id, role, maySpend, expiresAt, holder }) => (
          <>
            <Named
              name={
                holder === undefined
                  ? text.links.forRole(aRole(role), maySpend && role === "researcher")
                  : text.links.forPassword(holder)
              }
              text={text.links.until(formatMinute(expiresAt))}
            />
            <Button
              tone="danger"
              disabled={busy}
              aria-label={
                holder === undefined
                  ? text.links.revokeRole(aRole(role))
                  : text.links.revokePassword(holder)
              }
              onClick={() =>
                attempt(async () => {
                  await request(`/api/account-links/${id}`, { method: "DELETE" });
                  setMade(undefined);
                  links.retry();
                })
              }
            >
              {text.revoke}
            </Button>
          </>
        )}
      </Rows>
    </Panel>
  );
}
