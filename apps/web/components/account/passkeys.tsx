"use client";

import type { PasskeyView } from "@tandem/protocol/view";
import { useEffect, useState } from "react";
import { addPasskey, hasPasskeys } from "../../lib/account/passkeys";
import { request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/account";
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
    <Panel title={text.passkeys.title} description={text.passkeys.description}>
      <Rows label={text.passkeys.title} of={passkeys} none={text.passkeys.none}>
        {({ id, name }) => (
          <>
            <Named name={name} text={text.passkeys.one} />
            <Button
              tone="danger"
              disabled={busy}
              aria-label={text.removeOf(name)}
              onClick={() =>
                attempt(async () => {
                  await request(`/api/me/passkeys/${id}`, { method: "DELETE" });
                  passkeys.retry();
                })
              }
            >
              {text.remove}
            </Button>
          </>
        )}
      </Rows>
      <div className="mt-5 border-t border-line pt-5">
        {possible ? (
          <AccountForm
            fields={[
              { name: "name", label: text.passkeys.newName, autoComplete: "off", maxLength: 60 },
            ]}
            verb={text.passkeys.add}
            tone="quiet"
            onSend={async ({ name }) => {
              await addPasskey(name);
              passkeys.retry();
            }}
          />
        ) : (
          <p className="text-sm text-ink-soft">{text.passkeys.impossible(visitor.passkeyHost)}</p>
        )}
      </div>
    </Panel>
  );
}
