import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { formatDuration } from "@tandem/core/format";
import { backupsIn, knownServerOf } from "@tandem/storage/backup-folder";
import { bad, type Finding, note, ok } from "./finding";

/** Whether the server of this data directory makes backups, as it should: `everyMs` is its `--backup-every`. */
export async function checkBackups(
  data: string,
  { folder, everyMs, now }: { folder: string | undefined; everyMs: number; now: number },
): Promise<Finding> {
  const what = "Backups";
  if (!folder)
    return note(what, "none are made", "set TANDEM_BACKUP_TO to a folder, best on another disk");
  const there = await stat(folder).catch(() => undefined);
  const isWritable = await access(folder, constants.W_OK | constants.R_OK).then(
    () => true,
    () => false,
  );
  if (there && !(there.isDirectory() && isWritable))
    return bad(
      what,
      `${folder} is not a folder that this user can write to`,
      "let it belong to the user that runs the server, or name another one",
    );
  const server = await knownServerOf(data);
  const found = there ? (await backupsIn(folder)).find((one) => one.server === server) : undefined;
  if (!found)
    return note(what, `there is none in ${folder} yet`, "the server makes one when it starts");
  const age = `the last one in ${folder} is ${formatDuration(Math.max(0, now - found.at))} old`;
  if (now - found.at > 2 * everyMs)
    return bad(
      what,
      `${age}, and one is due every ${formatDuration(everyMs)}`,
      "start the server, or look in its log for NO BACKUP WAS MADE",
    );
  const isSame = there?.dev === (await stat(data).catch(() => undefined))?.dev;
  return isSame
    ? note(
        what,
        `${age}, on the same disk as the data`,
        "copy them elsewhere, or name another disk",
      )
    : ok(what, age);
}
