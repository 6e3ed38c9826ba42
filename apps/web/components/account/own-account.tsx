"use client";

import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { aRole, roleTexts } from "../../lib/account/roles";
import { request } from "../../lib/request";
import { text } from "../../text/account";
import { Panel } from "../ui/panel";
import { AccountForm } from "./account-form";
import { newPasswordField } from "./new-password-field";
import { Passkeys } from "./passkeys";
import { SignOut } from "./sign-out";
import { SpendingPanel } from "./spending-panel";
import { Tokens } from "./tokens";
import { useVisitor } from "./visitor";

/** What an account has of its own. */
export function OwnAccount() {
  const router = useRouter();
  const { name, email, role = "viewer", maySpend } = useVisitor();
  const changePassword = async (values: Readonly<Record<string, string>>) => {
    await request("/api/me/password", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(values),
    });
    toast.success(text.own.changed);
    router.refresh();
  };
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Panel title={name ?? ""} description={email} actions={<SignOut />}>
        <p className="text-sm text-ink-soft">
          {text.own.role(aRole(role), roleTexts[role])}{" "}
          {role !== "viewer" && (maySpend ? text.own.maySpend : text.own.mayNotSpend)}
        </p>
      </Panel>
      <SpendingPanel />
      <Tokens />
      <Passkeys />
      <Panel title={text.password}>
        <AccountForm
          fields={[
            {
              name: "current",
              label: text.own.current,
              type: "password",
              autoComplete: "current-password",
            },
            {
              name: "next",
              ...newPasswordField,
            },
          ]}
          verb={text.own.change}
          tone="quiet"
          onSend={changePassword}
        />
      </Panel>
    </div>
  );
}
