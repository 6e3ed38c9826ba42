import type { AuditActor } from "@tandem/core/audit";

/** The words of the audit log's page. */
export const text = {
  title: "Audit log",
  intro:
    "Who changed or exported something on this server, and who was refused. Times are UTC. What participants do is on their experiment's page.",
  about: "the audit log",
  entries: "Entries",
  none: "No entry matches.",
  saveAs: (format: string) => `Save as ${format}`,
  pages: "Pages of the audit log",
  latest: "Latest",
  older: "Older",
  filter: {
    title: "Filter",
    who: "Who",
    action: "Action",
    any: "Any",
    id: "Id",
    from: "From",
    to: "To",
  },
  actors: {
    account: "An account",
    token: "An account",
    machine: "This machine",
    participant: "A participant",
    nobody: "Somebody not signed in",
    server: "The server",
  } satisfies Readonly<Record<AuditActor, string>>,
  byToken: (token: string) => `, by token ${token}`,
  outcomes: { done: "Done", refused: "Refused", failed: "Failed" },
  moreTimes: (n: number) => (n === 1 ? "once more" : `${n} more times`),
} as const;
