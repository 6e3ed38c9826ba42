import { writeFile } from "node:fs/promises";
import { auditLine } from "@tandem/core/audit";
import { TandemError } from "@tandem/core/errors";
import { briefHours, newLink } from "@tandem/storage/account-links";
import { defaultDataFolder } from "@tandem/storage/make-folder";
import type { Stores } from "@tandem/storage/open-stores";
import { Command, Option } from "commander";
import { withStores } from "./stopped-stores";

/** More than a server keeps. */
const everything = 10_000_000;

type Data = { readonly data: string };
type Asked = Data & { readonly publicUrl: string; readonly email?: string };

/**
 * Address with which an owner sets a password anew: of this e-mail address, or the first there was.
 * Throws `not-found` where there is none.
 */
export async function ownerLink(
  { accounts, audit }: Pick<Stores, "accounts" | "audit">,
  { publicUrl, email }: Pick<Asked, "publicUrl" | "email">,
  now: number,
): Promise<{ readonly address: string; readonly owner: string }> {
  const owners = (await accounts.list()).filter(({ role }) => role === "owner");
  const owner = owners.find((one) => email === undefined || one.email === email.toLowerCase());
  if (!owner) {
    const known = owners.map((one) => one.email).join(", ");
    throw new TandemError(
      "not-found",
      known
        ? `no owner signs in as ${email}: use one of ${known}`
        : "nobody is an owner here: start the server, which prints a link for the first one",
    );
  }
  const { id, role, maySpend } = owner;
  const { token, record } = newLink({ role, maySpend, madeBy: null, resets: id }, briefHours, now);
  await audit.add([
    { at: now, by: "machine", action: "owner-link.make", thing: id, outcome: "done", count: 1 },
  ]);
  await accounts.links.dropResets(id);
  await accounts.links.add(record);
  return {
    address: `${publicUrl.replace(/\/+$/, "")}/accounts/password#${token}`,
    owner: `${owner.name}, ${owner.email}`,
  };
}

export function accountCommand(): Command {
  const of = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .option("--data <directory>", "data folder of the server", defaultDataFolder);
  const say = (text: string) => process.stdout.write(text);
  return new Command("account")
    .description(
      "manage accounts while the server is stopped; needs its data folder or its database",
    )
    .addCommand(
      of(
        "owner-link",
        "print a link with which an owner can set a new password, once and within 24 hours",
      )
        .option("--email <address>", "the owner's e-mail address (default: the first owner)")
        .addOption(
          new Option("--public-url <url>", "public address of the server")
            .env("TANDEM_PUBLIC_URL")
            .default("http://localhost:3000"),
        )
        .action(async ({ data, ...asked }: Asked) => {
          const { address, owner } = await withStores(data, (stores) =>
            ownerLink(stores, asked, Date.now()),
          );
          say(`${owner} sets a new password here, once the server runs:\n  ${address}\n`);
        }),
    )
    .addCommand(
      of("audit", "write the audit log as JSON lines, latest first")
        .option("--out <file>", "file to write (default: standard output)")
        .action(async ({ data, out }: Data & { readonly out?: string }) => {
          const entries = await withStores(data, ({ audit }) => audit.list({}, everything));
          const lines = entries.map(auditLine).join("");
          if (out === undefined) say(lines);
          else await writeFile(out, lines, { mode: 0o600 });
        }),
    );
}
