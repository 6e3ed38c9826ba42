"use client";

import { formatDay } from "@tandem/core/format";
import type { ApiTokenView } from "@tandem/protocol/view";
import { useState } from "react";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/account";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { AccountForm } from "./account-form";
import { Named, OnceText, Rows } from "./rows";
import { useAttempt } from "./use-attempt";

/** What programs sign in with as this account. */
export function Tokens() {
  const tokens = useResource<readonly ApiTokenView[]>("/api/me/tokens");
  const [made, setMade] = useState<string>();
  const { busy, attempt } = useAttempt();
  return (
    <Panel title={text.tokens.title} description={text.tokens.description}>
      {made && <OnceText value={made} label={text.tokens.copy} />}
      <Rows label={text.tokens.list} of={tokens} none={text.tokens.none}>
        {({ id, name, createdAt, usedAt }) => (
          <>
            <Named
              name={name}
              text={text.tokens.made(
                formatDay(createdAt),
                usedAt === undefined ? undefined : formatDay(usedAt),
              )}
            />
            <Confirm
              title={text.tokens.askRevoke(name)}
              text={text.tokens.askRevokeText}
              verb={text.revoke}
              onConfirm={() =>
                attempt(async () => {
                  await request(`/api/me/tokens/${id}`, { method: "DELETE" });
                  tokens.retry();
                })
              }
            >
              <Button tone="danger" disabled={busy} aria-label={text.tokens.revokeOf(name)}>
                {text.revoke}
              </Button>
            </Confirm>
          </>
        )}
      </Rows>
      <div className="mt-5 border-t border-line pt-5">
        <AccountForm
          fields={[
            { name: "name", label: text.tokens.newName, autoComplete: "off", maxLength: 60 },
          ]}
          verb={text.tokens.make}
          tone="quiet"
          onSend={async (values) => {
            const { token } = await post<{ readonly token: string }>("/api/me/tokens", values);
            setMade(token);
            tokens.retry();
          }}
        />
      </div>
    </Panel>
  );
}
