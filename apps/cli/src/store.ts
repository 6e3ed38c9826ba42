import { basename, resolve } from "node:path";
import { hourMs } from "@tandem/core/duration";
import { TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import type { AuditAction } from "@tandem/protocol/audit-actions";
import { backUp } from "@tandem/storage/backup";
import type { Counts } from "@tandem/storage/backup-format";
import { anothers, collectGarbage } from "@tandem/storage/garbage";
import { defaultDataFolder } from "@tandem/storage/make-folder";
import type { Stores } from "@tandem/storage/open-stores";
import { restore } from "@tandem/storage/restore";
import { Command, Option } from "commander";
import { amount } from "./options";
import { withStores } from "./stopped-stores";

function progressOf(): (done: number, of: number) => void {
  let at = Date.now();
  return (done, of) => {
    if (Date.now() - at < 2000) return;
    at = Date.now();
    process.stdout.write(`  ${done} of ${of} blobs\n`);
  };
}

const amountOf = ({ accounts, experiments, tasks, bases, backboneFiles, blobs }: Counts) =>
  `${plural(accounts, "account")}, ${plural(experiments, "experiment")}, ${plural(tasks, "task")}, ${plural(bases, "trained base")}, ${plural(backboneFiles, "file of backbones", "files of backbones")} and ${plural(blobs, "blob")}`;

type Backup = { readonly data: string; readonly accounts: boolean };
const withoutAccounts = () =>
  new Option(
    "--no-accounts",
    "leave out accounts with their tokens and passkeys, budgets and the audit log",
  );

/** In the audit log. */
const noted = ({ audit }: Pick<Stores, "audit">, action: AuditAction, folder: string) =>
  audit.add([
    {
      ...{ at: Date.now(), by: "machine", action, thing: basename(resolve(folder)).slice(0, 200) },
      ...{ outcome: "done", count: 1 },
    },
  ]);

const say = (text: string) => process.stdout.write(`${text}\n`);

export function storeCommand(): Command {
  const of = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .option("--data <directory>", "data folder of the server", defaultDataFolder);
  return new Command("store")
    .description(
      "back up, restore and clean the data of a stopped server, in whatever stores its variables name",
    )
    .addCommand(
      of(
        "backup",
        "back up accounts, experiments, tasks, their blobs, trained bases and backbones to a new folder",
      )
        .requiredOption("--out <directory>", "folder to write; it must not exist yet")
        .addOption(withoutAccounts())
        .action(async ({ data, out, accounts }: Backup & { readonly out: string }) => {
          const options = { withoutAccounts: !accounts, now: Date.now, progress: progressOf() };
          const counts = await withStores(
            data,
            async (from) => {
              const made = await backUp({ ...from, ...options }, resolve(out));
              await noted(from, "backup.make", out);
              return made;
            },
            { whileItRuns: ". A server that runs makes backups itself: start it with --backup-to" },
          );
          say(`✓ ${amountOf(counts)} in ${out}`);
        }),
    )
    .addCommand(
      of("restore", "restore a backup into empty stores of any kind")
        .requiredOption("--from <directory>", "folder of the backup")
        .addOption(withoutAccounts())
        .action(async ({ data, from, accounts }: Backup & { readonly from: string }) => {
          const options = { withoutAccounts: !accounts, progress: progressOf() };
          const counts = await withStores(
            data,
            async (to) => {
              const restored = await restore({ ...to, ...options }, resolve(from));
              await noted(to, "backup.restore", from);
              return restored;
            },
            { isNew: true },
          );
          say(`✓ ${amountOf(counts)} restored`);
        }),
    )
    .addCommand(
      of(
        "gc",
        "delete blobs that no experiment and no task uses; the server does this at each start",
      )
        .option("--older-than <hours>", "only blobs older than this", amount, 24)
        .action(
          async ({ data, olderThan }: { readonly data: string; readonly olderThan: number }) => {
            const graceMs = olderThan * hourMs;
            const { kept, deleted, isAnothers } = await withStores(data, (stores) =>
              collectGarbage({ ...stores, now: Date.now(), graceMs }),
            );
            if (isAnothers) throw new TandemError("conflict", anothers(kept));
            say(`✓ ${plural(deleted, "blob")} deleted, ${kept} kept`);
          },
        ),
    );
}
