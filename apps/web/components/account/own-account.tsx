"use client";

import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { aRole, roleTexts } from "../../lib/account/roles";
import { request } from "../../lib/request";
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
    toast.success("The password is changed. Other browsers are signed out.");
    router.refresh();
  };
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Panel title={name ?? ""} description={email} actions={<SignOut />}>
        <p className="text-sm text-ink-soft">
          You are {aRole(role)}, who {roleTexts[role]}.{" "}
          {role !== "viewer" &&
            (maySpend
              ? "You may spend what a teacher costs."
              : "You may not spend what a teacher costs: an owner can change that.")}
        </p>
      </Panel>
      <SpendingPanel />
      <Tokens />
      <Passkeys />
      <Panel title="Password">
        <AccountForm
          fields={[
            {
              name: "current",
              label: "Password now",
              type: "password",
              autoComplete: "current-password",
            },
            {
              name: "next",
              ...newPasswordField,
            },
          ]}
          verb="Change the password"
          tone="quiet"
          onSend={changePassword}
        />
      </Panel>
    </div>
  );
}
