import type { Metadata } from "next";
import { connection } from "next/server";
import { AccountList } from "../../components/account/account-list";
import { BackupsPanel } from "../../components/account/backups-panel";
import { Links } from "../../components/account/links";
import { SpendingPanel } from "../../components/account/spending-panel";
import { DocsLink } from "../../components/docs/docs-link";
import { Button } from "../../components/ui/button";
import { Empty } from "../../components/ui/panel";
import { SiteLink } from "../../components/ui/site-link";
import { pageDocs } from "../../lib/docs/setting-docs";
import { currentVisit } from "../../lib/visit";
import { text } from "../../text/account";

export const metadata: Metadata = { title: text.list.title };

export default async function AccountsPage() {
  await connection(); // of this visitor: nothing is drawn ahead
  const { address, visitor } = currentVisit();
  return (
    <>
      <div className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <div className="flex items-center gap-3">
          <h1 className="text-3xl font-semibold">{text.list.title}</h1>
          <DocsLink to={pageDocs.accounts} about={text.list.about} />
        </div>
        <Button asChild>
          <SiteLink href="/audit">{text.list.audit}</SiteLink>
        </Button>
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_26rem]">
        {visitor.by === "session" ? (
          <AccountList address={address} />
        ) : (
          <Empty title={text.list.none}>{text.list.open}</Empty>
        )}
        <div className="space-y-6">
          {visitor.by === "session" && <Links address={address} />}
          <SpendingPanel />
          <BackupsPanel />
        </div>
      </div>
    </>
  );
}
