import type { Metadata } from "next";
import { AuditLog } from "../../components/audit/audit-log";
import { DocsLink } from "../../components/docs/docs-link";
import { pageDocs } from "../../lib/docs/setting-docs";
import { text } from "../../text/audit";

export const metadata: Metadata = { title: text.title };

export default function AuditPage() {
  return (
    <>
      <div className="flex items-center gap-3 mb-2">
        <h1 className="text-3xl font-semibold">{text.title}</h1>
        <DocsLink to={pageDocs.audit} about={text.about} />
      </div>
      <p className="mb-8 max-w-prose text-sm text-ink-soft">{text.intro}</p>
      <AuditLog />
    </>
  );
}
