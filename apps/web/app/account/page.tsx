import type { Metadata } from "next";
import { OwnAccount } from "../../components/account/own-account";
import { For } from "../../components/account/visitor";
import { Button } from "../../components/ui/button";
import { SiteLink } from "../../components/ui/site-link";
import { text } from "../../text/account";

export const metadata: Metadata = { title: text.own.title };

export default function AccountPage() {
  return (
    <>
      <div className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <h1 className="text-3xl font-semibold">{text.own.title}</h1>
        <For who="owner">
          <Button asChild>
            <SiteLink href="/accounts">{text.own.all}</SiteLink>
          </Button>
        </For>
      </div>
      <OwnAccount />
    </>
  );
}
