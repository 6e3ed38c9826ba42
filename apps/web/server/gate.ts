import type { IncomingMessage } from "node:http";
import { TandemError } from "@tandem/core/errors";
import type { TandemConnection } from "@tandem/protocol/events";
import { bearerOf } from "@tandem/transport/http";
import { may, type Who } from "../lib/may";
import { requireAccess, ruleOf } from "./access";
import type { Accounts, Visitor } from "./accounts/accounts";
import type { Audit } from "./audit/audit";
import type { Admit } from "./router";

/** The server itself, which draws a page of what it may read. */
const page: Visitor = { by: "local", role: "viewer", maySpend: false };

/** Holds routes, pages and sockets to the table in `access.ts`. */
export function createGate(options: {
  readonly accounts: Pick<Accounts, "visitorOf" | "onChange">;
  /** Whose place a participant's token is. */
  readonly authorise: (token: string) => { readonly experiment: string } | undefined;
  readonly audit: Pick<Audit, "watch">;
}) {
  const { accounts, authorise, audit } = options;
  const open = new Map<TandemConnection, string>();
  accounts.onChange((account) => {
    for (const [connection, of] of open) if (of === account) connection.close();
  });

  const admit: Admit = async ({ request, parameters }, { who, action }, run) => {
    const visitor = await accounts.visitorOf(request);
    const isParticipant =
      who === "participant" && authorise(bearerOf(request))?.experiment === parameters.id;
    const thing = Object.values(parameters).join("/");
    return audit.watch({ action, visitor, isParticipant, thing }, async (note) => {
      if (!isParticipant) requireAccess(visitor, who);
      return run({ visitor, note });
    });
  };

  return {
    admit,
    /** What pages are drawn from: whoever is shown the page may see what is on it. */
    admitPage: (async (_, { who }, run) => {
      requireAccess(page, who);
      return run({ visitor: page, note: () => {} });
    }) satisfies Admit,
    /** The connection, on which what this visitor may not ask is refused. */
    guarded(connection: TandemConnection, request: IncomingMessage): TandemConnection {
      connection.onClose(() => open.delete(connection));
      return {
        ...connection,
        handle(event, handler) {
          const { who } = ruleOf("events", event);
          if (who === "anyone") return connection.handle(event, handler);
          return connection.handle(event, async (body) => {
            const visitor = await accounts.visitorOf(request);
            if (!may(visitor, who)) return refused(visitor, who) as never; // every reply may be a refusal
            // Closed when the account's rights change: what it follows is sent without asking again.
            if (visitor.account) open.set(connection, visitor.account.id);
            return handler(body);
          });
        },
      };
    },
  };
}

function refused(visitor: Visitor, who: Who) {
  try {
    requireAccess(visitor, who);
  } catch (error) {
    if (error instanceof TandemError)
      return { ok: false, error: { code: error.code, message: error.message } };
    throw error;
  }
}
