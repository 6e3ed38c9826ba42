import type { Metadata } from "next";
import { NewAccount } from "../../../components/account/new-account";
import { Panel } from "../../../components/ui/panel";
import { text } from "../../../text/account";

export const metadata: Metadata = { title: text.fresh.title, referrer: "no-referrer" };

export default function NewAccountPage() {
  return (
    <div className="mx-auto max-w-md py-6 sm:py-12">
      <h1 className="mb-6 text-3xl font-semibold">{text.fresh.title}</h1>
      <Panel title={text.own.title} description={text.fresh.description}>
        <NewAccount />
      </Panel>
    </div>
  );
}
