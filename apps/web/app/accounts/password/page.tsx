import type { Metadata } from "next";
import { NewPassword } from "../../../components/account/new-password";
import { Panel } from "../../../components/ui/panel";

export const metadata: Metadata = { title: "New password", referrer: "no-referrer" };

export default function NewPasswordPage() {
  return (
    <div className="mx-auto max-w-md py-6 sm:py-12">
      <h1 className="mb-6 text-3xl font-semibold">New password</h1>
      <Panel title="Your account" description="This link works once.">
        <NewPassword />
      </Panel>
    </div>
  );
}
