"use client";

import type { PasswordLinkView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { post } from "../../lib/request";
import { text } from "../../text/account";
import { AccountForm } from "./account-form";
import { LinkState } from "./link-state";
import { newPasswordField } from "./new-password-field";
import { useLink } from "./use-link";

/** A new password for whoever an owner has sent a link. */
export function NewPassword() {
  const router = useRouter();
  const { token, link, problem } = useLink<PasswordLinkView>("/api/accounts/password-link");
  if (!link) return <LinkState problem={problem} />;
  return (
    <>
      <p className="mb-5 text-sm text-ink-soft">
        {text.reset.for} <strong className="font-semibold text-ink">{link.name}</strong>
        {text.reset.signsInAs} <span className="break-all">{link.email}</span>. {text.reset.effect}
      </p>
      <AccountForm
        fields={[
          {
            name: "password",
            ...newPasswordField,
          },
        ]}
        verb={text.reset.set}
        onSend={async ({ password }) => {
          await post("/api/accounts/password", { token, password });
          router.push("/account");
          router.refresh();
        }}
      />
    </>
  );
}
