"use client";

import type { PasswordLinkView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { post } from "../../lib/request";
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
        For <strong className="font-semibold text-ink">{link.name}</strong>, who signs in as{" "}
        <span className="break-all">{link.email}</span>. It signs the account out everywhere else.
      </p>
      <AccountForm
        fields={[
          {
            name: "password",
            ...newPasswordField,
          },
        ]}
        verb="Set the password"
        onSend={async ({ password }) => {
          await post("/api/accounts/password", { token, password });
          router.push("/account");
          router.refresh();
        }}
      />
    </>
  );
}
