import type { Metadata } from "next";
import { NewPassword } from "../../../components/account/new-password";
import { Panel } from "../../../components/ui/panel";
import { text } from "../../../text/account";

export const metadata: Metadata = { title: text.reset.title, referrer: "no-referrer" };

export default function NewPasswordPage() {
  return (
    <div className="mx-auto max-w-md py-6 sm:py-12">
      <h1 className="mb-6 text-3xl font-semibold">{text.reset.title}</h1>
      <Panel title={text.own.title} description={text.reset.description}>
        <NewPassword />
      </Panel>
    </div>
  );
}
