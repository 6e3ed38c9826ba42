import { execFile } from "node:child_process";
import { appendFile, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { promisify } from "node:util";
import { thisMachine } from "../harness/machine";
import { root } from "../harness/server-process";

export const json = ["--json <file>", "also write all numbers to this file"] as const;
export const history = [
  "--history <file>",
  "also append them to this file, as one line of JSON with machine, commit and load",
] as const;

export async function save(path: string | undefined, report: unknown): Promise<void> {
  if (!path) return;
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`wrote ${path}\n`);
}

/** How much else the machine had to do, before a bench adds to it. */
export const loadBefore = (): number => loadavg()[0];

/** One line for each run, so that files of several machines can be put together. */
export async function record(
  path: string | undefined,
  run: { readonly loadBefore: number; readonly rows: unknown },
): Promise<void> {
  if (!path) return;
  const commit = await promisify(execFile)("git", ["rev-parse", "--short", "HEAD"], { cwd: root })
    .then(({ stdout }) => stdout.trim())
    .catch(() => "unknown"); // an archive without its history
  await appendFile(path, `${JSON.stringify({ ...thisMachine(), commit, ...run })}\n`);
  process.stdout.write(`added a line to ${path}\n`);
}
