import { resolve } from "node:path";
import { dayMs } from "@tandem/core/duration";
import { TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import { defaultDataFolder } from "@tandem/storage/make-folder";
import { Command, Option } from "commander";
import { duration } from "../options";
import { checkAddress } from "./address";
import { checkBackups } from "./backups";
import { bad, type Finding } from "./finding";
import { checkBlobs, checkDatabase, checkDisk, checkNode, checkTeacher } from "./machine";

type Options = {
  readonly url: string;
  readonly data: string;
  readonly backupTo?: string;
  /** Milliseconds. */
  readonly backupEvery: number;
};

const marks = { ok: "✓", note: "!", bad: "✗" } as const;
const lineOf = ({ what, level, text, todo }: Finding) =>
  `${marks[level]} ${what.padEnd(10)}${text}\n${todo ? `${" ".repeat(12)}→ ${todo}\n` : ""}`;

async function run({ url, data, backupTo, backupEvery: everyMs }: Options): Promise<void> {
  const directory = resolve(data);
  const { env, stdout, versions } = process;
  const findings: Finding[] = [];
  const tell = (found: readonly Finding[]) => {
    findings.push(...found);
    for (const finding of found) stdout.write(lineOf(finding));
  };
  tell([checkNode(versions.node)]);
  tell(await checkDisk(directory));
  tell([await checkDatabase(directory, env)]);
  tell([await checkBlobs(directory, env)]);
  tell([await checkTeacher(env)]);
  const folder = backupTo && resolve(backupTo);
  tell([await checkBackups(directory, { folder, everyMs, now: Date.now() })]);
  tell(
    URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
      ? await checkAddress(new URL(url))
      : [bad("Address", `“${url}” is no address`, "give one such as https://example.org")],
  );
  const faults = findings.filter(({ level }) => level === "bad").length;
  if (faults > 0) throw new TandemError("bad-config", `${plural(faults, "thing")} to mend.`);
  stdout.write("Nothing to mend.\n");
}

export const doctorCommand = (): Command =>
  new Command("doctor")
    .description(
      "Check what a server needs, with the server's own variables: Node, disk, database, blobs, teacher, backups, address, TLS and web sockets. Changes nothing.",
    )
    .addOption(
      new Option("--url <url>", "public address of the server")
        .env("TANDEM_PUBLIC_URL")
        .default("http://localhost:3000"),
    )
    .option("--data <directory>", "data folder of the server", defaultDataFolder)
    .addOption(
      new Option("--backup-to <directory>", "folder that the server backs up to").env(
        "TANDEM_BACKUP_TO",
      ),
    )
    .addOption(
      new Option("--backup-every <time>", "time between the server's backups")
        .argParser(duration)
        .default(dayMs, "24h")
        .env("TANDEM_BACKUP_EVERY"),
    )
    .action(run);
