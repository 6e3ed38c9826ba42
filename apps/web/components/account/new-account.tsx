"use client";

import { messageOf } from "@tandem/core/errors";
import { leastPassword, mostPassword } from "@tandem/protocol/accounts";
import type { AccountLinkView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { aRole, roleTexts } from "../../lib/account/roles";
import { post } from "../../lib/request";
import { AccountForm } from "./account-form";

type Link = Pick<AccountLinkView, "role" | "maySpend">;

/** What the link in the address makes of whoever opened it. The token is behind the hash, which no server is sent. */
export function NewAccount() {
  const router = useRouter();
  const [token, setToken] = useState("");
  const [link, setLink] = useState<Link>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const given = location.hash.slice(1);
    setToken(given);
    post<Link>("/api/accounts/link", { token: given }).then(setLink, (error) =>
      setProblem(messageOf(error)),
    );
  }, []);
  if (problem)
    return (
      <p role="alert" className="text-sm font-medium text-bad">
        {problem}
      </p>
    );
  if (!link)
    return (
      <p role="status" className="text-sm text-ink-soft">
        Looking at the link…
      </p>
    );
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
            label: "Password",
            type: "password",
            autoComplete: "new-password",
            minLength: leastPassword,
            maxLength: mostPassword,
            hint: `${leastPassword} characters or more. You can add a passkey afterwards.`,
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
