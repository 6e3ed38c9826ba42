import type { AccountRole } from "@tandem/protocol/view";

export const roleTexts: Readonly<Record<AccountRole, string>> = {
  viewer: "looks at experiments and tasks, and changes nothing",
  researcher: "makes, runs and deletes experiments and tasks",
  owner: "makes, runs and deletes experiments and tasks, and decides who has an account",
};

/** With its article. */
export const aRole = (role: AccountRole): string => `${role === "owner" ? "an" : "a"} ${role}`;
