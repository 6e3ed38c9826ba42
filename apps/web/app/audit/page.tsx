import type { Metadata } from "next";
import { AuditLog } from "../../components/audit/audit-log";

export const metadata: Metadata = { title: "Audit log" };

export default function AuditPage() {
  return (
    <>
      <h1 className="mb-2 text-3xl font-semibold">Audit log</h1>
      <p className="mb-8 max-w-prose text-sm text-ink-soft">
        Who changed what on this server, took it along or was refused. Times are UTC. What
        participants do is on their experiment’s page.
      </p>
      <AuditLog />
    </>
  );
}
