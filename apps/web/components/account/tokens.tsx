"use client";

import { formatDay } from "@tandem/core/format";
import type { ApiTokenView } from "@tandem/protocol/view";
import { useState } from "react";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
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
    <Panel
      title="API tokens"
      description="For the command line (TANDEM_TOKEN) and for programs. A token may do what you may, but it makes no accounts and no tokens."
    >
      {made && <OnceText value={made} label="Copy token" />}
      <Rows label="Tokens" of={tokens} none="You have none.">
        {({ id, name, createdAt, usedAt }) => (
          <>
            <Named
              name={name}
              text={`Made ${formatDay(createdAt)}, ${usedAt === undefined ? "never used" : `last used ${formatDay(usedAt)}`}`}
            />
            <Confirm
              title={`Revoke “${name}”?`}
              text="Programs that use it are refused from now on."
              verb="Revoke"
              onConfirm={() =>
                attempt(async () => {
                  await request(`/api/me/tokens/${id}`, { method: "DELETE" });
                  tokens.retry();
                })
              }
            >
              <Button tone="danger" disabled={busy} aria-label={`Revoke ${name}`}>
                Revoke
              </Button>
            </Confirm>
          </>
        )}
      </Rows>
      <div className="mt-5 border-t border-line pt-5">
        <AccountForm
          fields={[
            { name: "name", label: "Name of a new token", autoComplete: "off", maxLength: 60 },
          ]}
          verb="Make a token"
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
