"use client";

import type { AccountLinkView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { aRole, roleTexts } from "../../lib/account/roles";
import { post } from "../../lib/request";
import { AccountForm } from "./account-form";
import { LinkState } from "./link-state";
import { newPasswordField } from "./new-password-field";
import { useLink } from "./use-link";

type Link = Pick<AccountLinkView, "role" | "maySpend">;

/** What the link in the address makes of whoever opened it. */
export function NewAccount() {
  const router = useRouter();
  const { token, link, problem } = useLink<Link>("/api/accounts/link");
  if (!link) return <LinkState problem={problem} />;
  return (
    <>
      <p className="mb-5 text-sm text-ink-soft">
        You will be <strong className="font-semibold text-ink">{aRole(link.role)}</strong>, who{" "}
        {roleTexts[link.role]}
        {link.maySpend && link.role === "researcher" && ", and may spend what a teacher costs"}.
      </p>
      <AccountForm
        fields={[
          { name: "name", label: "Name", autoComplete: "name", maxLength: 60 },
          {
            name: "email",
            label: "E-mail address",
            type: "email",
            autoComplete: "username",
            maxLength: 200,
            hint: "To sign in with. Nothing is sent to it.",
          },
          {
            name: "password",
            ...newPasswordField,
            label: "Password",
            hint: `${newPasswordField.hint} You can add a passkey afterwards.`,
          },
        ]}
        verb="Make the account"
        onSend={async (values) => {
          await post("/api/accounts", { ...values, token });
          router.push("/account");
          router.refresh();
        }}
      />
    </>
  );
}
