"use client";

import type { AccountLinkView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { aRole, roleTexts } from "../../lib/account/roles";
import { post } from "../../lib/request";
import { text } from "../../text/account";
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
        {text.fresh.willBe} <strong className="font-semibold text-ink">{aRole(link.role)}</strong>
        {text.fresh.who(roleTexts[link.role], link.maySpend && link.role === "researcher")}
      </p>
      <AccountForm
        fields={[
          { name: "name", label: text.name, autoComplete: "name", maxLength: 60 },
          {
            name: "email",
            label: text.email,
            type: "email",
            autoComplete: "username",
            maxLength: 200,
            hint: text.fresh.emailHint,
          },
          {
            name: "password",
            ...newPasswordField,
            label: text.password,
            hint: text.fresh.passwordHint(newPasswordField.hint),
          },
        ]}
        verb={text.fresh.make}
        onSend={async (values) => {
          await post("/api/accounts", { ...values, token });
          router.push("/account");
          router.refresh();
        }}
      />
    </>
  );
}
