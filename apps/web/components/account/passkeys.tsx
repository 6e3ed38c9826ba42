"use client";

import type { PasskeyView } from "@tandem/protocol/view";
import { useEffect, useState } from "react";
import { addPasskey, hasPasskeys } from "../../lib/account/passkeys";
import { request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { AccountForm } from "./account-form";
import { Named, Rows } from "./rows";
import { useAttempt } from "./use-attempt";
import { useVisitor } from "./visitor";

/** Ways in without the password. */
export function Passkeys() {
  const visitor = useVisitor();
  const passkeys = useResource<readonly PasskeyView[]>("/api/me/passkeys");
  const [possible, setPossible] = useState(true);
  const { busy, attempt } = useAttempt();
  useEffect(() => setPossible(hasPasskeys(visitor)), [visitor]);
  return (
    <Panel
      title="Passkeys"
      description="Sign in with this device, a phone or a security key, without the password."
    >
      <Rows label="Passkeys" of={passkeys} none="You have none.">
        {({ id, name }) => (
          <>
            <Named name={name} text="Passkey" />
            <Button
              tone="danger"
              disabled={busy}
              aria-label={`Remove ${name}`}
              onClick={() =>
                attempt(async () => {
                  await request(`/api/me/passkeys/${id}`, { method: "DELETE" });
                  passkeys.retry();
                })
              }
            >
              Remove
            </Button>
          </>
        )}
      </Rows>
      <div className="mt-5 border-t border-line pt-5">
        {possible ? (
          <AccountForm
            fields={[
              { name: "name", label: "Name of a new passkey", autoComplete: "off", maxLength: 60 },
            ]}
            verb="Add a passkey"
            tone="quiet"
            onSend={async ({ name }) => {
              await addPasskey(name);
              passkeys.retry();
            }}
          />
        ) : (
          <p className="text-sm text-ink-soft">
            This browser or this address cannot have one: passkeys of this server are for{" "}
            {visitor.passkeyHost}.
          </p>
        )}
      </div>
    </Panel>
  );
}
