"use client";

import { KeyRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { hasPasskeys, signInWithPasskey } from "../../lib/account/passkeys";
import { post } from "../../lib/request";
import { text } from "../../text/account";
import { Button } from "../ui/button";
import { AccountForm } from "./account-form";
import { useAttempt } from "./use-attempt";
import { useVisitor } from "./visitor";

/** With a password, or a passkey where there can be one. */
export function SignInForm({ next }: { readonly next: string }) {
  const router = useRouter();
  const visitor = useVisitor();
  const [passkeys, setPasskeys] = useState(false);
  const { busy, attempt } = useAttempt();
  useEffect(() => setPasskeys(hasPasskeys(visitor)), [visitor]);
  const goOn = () => {
    router.push(next);
    router.refresh();
  };
  return (
    <>
      <AccountForm
        fields={[
          { name: "email", label: text.email, type: "email", autoComplete: "username" },
          {
            name: "password",
            label: text.password,
            type: "password",
            autoComplete: "current-password",
          },
        ]}
        verb={text.signIn.title}
        onSend={async (values) => {
          await post("/api/sign-in", values);
          goOn();
        }}
      />
      {passkeys && (
        <div className="mt-6 border-t border-line pt-5">
          <Button
            disabled={busy}
            onClick={() =>
              attempt(async () => {
                await signInWithPasskey();
                goOn();
              })
            }
          >
            <KeyRound aria-hidden="true" /> {text.signIn.withPasskey}
          </Button>
        </div>
      )}
    </>
  );
}
