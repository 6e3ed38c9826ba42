import { type AuditEntry, type AuditFilter, auditLine } from "@tandem/core/audit";
import { formula } from "@tandem/core/csv";
import { parseAuditQuery } from "@tandem/protocol/audit";
import type { AuditView } from "@tandem/protocol/view";
import { attachment, file, json } from "@tandem/transport/replies";
import papa from "papaparse"; // CommonJS: Node sees no named exports
import { get } from "../accounts/route-parts";
import type { Call, Route } from "../router";
import type { Audit } from "./audit";

const pageRows = 100;

/** Reading the audit log: a page at a time, or all that is asked for as a file. */
export function auditRoutes({ list, rows }: Pick<Audit, "list" | "rows">): readonly Route[] {
  const all = (call: Call) => list(filterOf(call), rows);
  return [
    get("/api/audit", async (call) => {
      const found = await list(filterOf(call), pageRows + 1);
      const entries = found.slice(0, pageRows);
      const isMore = found.length > pageRows;
      const view: AuditView = {
        entries,
        ...(isMore && { before: entries[pageRows - 1].sequence }),
      };
      return json(view);
    }),
    get("/api/audit.jsonl", async (call) => {
      const lines = (await all(call)).map(auditLine);
      return file(lines.join(""), "application/x-ndjson", saved("audit.jsonl"));
    }),
    get("/api/audit.csv", async (call) => {
      const data = (await all(call)).map(readable);
      // A spreadsheet would reckon with what begins like a formula.
      const text = papa.unparse({ fields: [...columns], data }, { escapeFormulae: formula });
      return file(`${text}\r\n`, "text/csv; charset=utf-8", saved("audit.csv"));
    }),
  ];
}

const columns = [
  ...["sequence", "at", "by", "account", "name", "role", "token", "action"],
  ...["thing", "detail", "outcome", "reason", "count"],
] as const;

const readable = ({ at, ...rest }: AuditEntry) => ({ ...rest, at: new Date(at).toISOString() });
const saved = (name: string) => ({ ...attachment(name), "cache-control": "no-store" });

const filterOf = ({ query }: Call): AuditFilter => parseAuditQuery(Object.fromEntries(query));
