import type { Accounts } from "./accounts";

/** Address to listen on: what was asked for, else this machine alone until somebody has an account. */
export const hostFor = (asked: string | undefined, hasOwner: boolean): string | undefined =>
  asked ?? (hasOwner ? undefined : "127.0.0.1");

export const isLoopback = (host: string | undefined): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host ?? "");

/** Whether others than this machine reach the server, over the network or through a proxy. */
export const isExposed = (listening: {
  readonly host: string | undefined;
  readonly publicUrl: URL | undefined;
}): boolean => listening.publicUrl !== undefined || !isLoopback(listening.host);

/** What the console says of accounts at the start; the link is in it once, and nowhere else. */
export async function welcome(
  accounts: Pick<Accounts, "mode" | "ownerToken">,
  url: string,
): Promise<string> {
  const token = await accounts.ownerToken();
  if (token === undefined) return "";
  // After the hash: browsers do not send it, so that no log has it.
  const link = `${url.replace(/\/+$/, "")}/accounts/new#${token}`;
  if (accounts.mode() === "open")
    return `Nobody has an account here: this machine may do everything, and nobody else gets in. To let others in, make the first owner (within 24 hours, once):\n  ${link}\n`;
  const rule = "!".repeat(78);
  return `${rule}\nOTHERS REACH THIS SERVER, AND NOBODY HAS AN ACCOUNT.\nUntil somebody has, strangers may take part in experiments and see their join pages; nobody may do\nanything else. Make the first owner now (within 24 hours, once):\n  ${link}\n${rule}\n`;
}
