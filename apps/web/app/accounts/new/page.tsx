import type { Metadata } from "next";
import { NewAccount } from "../../../components/account/new-account";
import { Panel } from "../../../components/ui/panel";

export const metadata: Metadata = { title: "New account", referrer: "no-referrer" };

export default function NewAccountPage() {
  return (
    <div className="mx-auto max-w-md py-6 sm:py-12">
      <h1 className="mb-6 text-3xl font-semibold">New account</h1>
      <Panel title="Your account" description="This link makes one account, once.">
        <NewAccount />
      </Panel>
    </div>
  );
}
