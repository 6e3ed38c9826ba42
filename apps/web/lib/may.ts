import type { AccountRole, MeView } from "@tandem/protocol/view";

/**
 * Who may use something. `anyone`: strangers too, who may take part and see the page for it.
 * `participant`: whoever holds the token of a place in the path's experiment, or may spend.
 * `spender`: whoever may change things and spend what a teacher costs. `account`: any account, of its
 * own things, signed in and not by a token; likewise `owner`. `operator`: its handler knows.
 */
export type Who = "anyone" | "participant" | "operator" | "spender" | "account" | AccountRole;

const ranks: Readonly<Record<AccountRole, number>> = { viewer: 1, researcher: 2, owner: 3 };

/** Whether this visitor may, by role alone; a participant's token is for the caller to know. */
export function may(visitor: Pick<MeView, "by" | "role" | "maySpend">, who: Who): boolean {
  const { by, role, maySpend } = visitor;
  const has = (least: AccountRole) => role !== undefined && ranks[role] >= ranks[least];
  switch (who) {
    case "anyone":
    case "operator":
      return true;
    case "participant":
    case "spender":
      return has("researcher") && maySpend;
    case "account":
      return by === "session";
    case "owner":
      return by !== "token" && has("owner");
    default:
      return has(who);
  }
}
