"use client";

import { formatMinute } from "@tandem/core/format";
import type { AccountLinkView, AccountRole, NewAccountLinkView } from "@tandem/protocol/view";
import { useState } from "react";
import { useLinkChanges } from "../../lib/account/open-links";
import { aRole, roleTexts } from "../../lib/account/roles";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
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
    <Panel
      title="Invite somebody"
      description="A link makes one account, once, within seven days. Send it to one person."
    >
      {made && <OnceText value={made} label="Copy link" />}
      <div className="flex flex-wrap items-center gap-3">
        <RoleFields
          of="whoever is invited"
          {...wanted}
          disabled={busy}
          onChange={(change) => setWanted((before) => ({ ...before, ...change }))}
        />
        <Button tone="primary" disabled={busy} onClick={() => attempt(make)}>
          Make a link
        </Button>
      </div>
      <p className="mt-2 mb-5 text-xs text-ink-soft">
        {aRole(wanted.role).replace(/^a/, "A")} {roleTexts[wanted.role]}.
      </p>
      <Rows label="Open links" of={links} none="No link is open.">
        {({ id, role, maySpend, expiresAt, holder }) => (
          <>
            <Named
              name={
                holder === undefined
                  ? `For ${aRole(role)}${maySpend && role === "researcher" ? " who may spend" : ""}`
                  : `For a new password of ${holder}`
              }
              text={`Until ${formatMinute(expiresAt)}`}
            />
            <Button
              tone="danger"
              disabled={busy}
              aria-label={`Revoke the link for ${holder === undefined ? aRole(role) : `a new password of ${holder}`}`}
              onClick={() =>
                attempt(async () => {
                  await request(`/api/account-links/${id}`, { method: "DELETE" });
                  setMade(undefined);
                  links.retry();
                })
              }
            >
              Revoke
            </Button>
          </>
        )}
      </Rows>
    </Panel>
  );
}
