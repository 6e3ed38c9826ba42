import type { Metadata } from "next";
import { AuditLog } from "../../components/audit/audit-log";
import { DocsLink } from "../../components/docs/docs-link";
import { pageDocs } from "../../lib/docs/setting-docs";

export const metadata: Metadata = { title: "Audit log" };

export default function AuditPage() {
  return (
    <>
      <div className="flex items-center gap-3 mb-2">
        <h1 className="text-3xl font-semibold">Audit log</h1>
        <DocsLink to={pageDocs.audit} about="the audit log" />
      </div>
      <p className="mb-8 max-w-prose text-sm text-ink-soft">
        Who changed what on this server, took it along or was refused. Times are UTC. What
        participants do is on their experiment’s page.
      </p>
      <AuditLog />
    </>
  );
}
