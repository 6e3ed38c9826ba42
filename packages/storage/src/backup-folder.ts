import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { manifestFile } from "./backup-format";
import { madeOnce } from "./made-once";

/** A whole backup that a server has made by itself; `at`: epoch milliseconds. */
export type KeptBackup = { readonly name: string; readonly at: number; readonly server: string };

const pattern =
  /^tandem-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-([0-9a-f]{8})(\.partial|\.removed)?$/;

/** `server`: as `serverOf` says. */
export const nameOfBackup = (at: number, server: string): string =>
  `tandem-${new Date(at).toISOString().replace(/[-:.]/g, "")}-${server}`;

/**
 * Names the server of a data directory, so that it removes no other's backups; made when there is none.
 * Throws `corrupt` for what is none.
 */
export const serverOf = (data: string): Promise<string> =>
  madeOnce(join(data, "backup-id"), {
    bytes: 4,
    remedy: "delete it; backups from before are then yours to remove",
  });

/** The same, where there is one. */
export const knownServerOf = (data: string): Promise<string | undefined> =>
  readFile(join(data, "backup-id"), "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );

/** Those of all servers, newest first; other files are none of theirs. Throws where the folder cannot be read. */
export async function backupsIn(folder: string): Promise<readonly KeptBackup[]> {
  const found: KeptBackup[] = [];
  for (const name of await readdir(folder)) {
    const [, year, month, day, hour, minute, second, ms, server, suffix] = pattern.exec(name) ?? [];
    if (server === undefined || suffix !== undefined) continue;
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
    if (await isFile(join(folder, name, manifestFile))) found.push({ name, at, server });
  }
  return found.sort((a, b) => b.at - a.at);
}

/** What a crash of this server has left half made or half removed. */
export async function sweepBackups(folder: string, server: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => {
    const [, , , , , , , , of, suffix] = pattern.exec(name) ?? [];
    return of === server && suffix !== undefined;
  });
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
  return names;
}

/** It has its name as long as it is whole. */
export async function removeBackup(folder: string, { name }: KeptBackup): Promise<void> {
  const path = join(folder, name);
  await rename(path, `${path}.removed`);
  await rm(`${path}.removed`, { recursive: true, force: true });
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
