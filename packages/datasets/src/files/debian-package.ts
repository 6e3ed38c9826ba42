import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { TandemError } from "@tandem/core/errors";

const run = promisify(execFile);

/** The folder that a Debian package fills; installs the package where it may and must. */
export async function debianFolder(name: string, folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  const missing = `${folder} is missing: run "apt-get install ${name}" as root on Debian or Ubuntu, or unpack that package's data elsewhere and name the folder with --source.`;
  if (process.getuid?.() !== 0) throw new TandemError("not-found", missing);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["update", "-qq"], { env });
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", name], { env });
  } catch (cause) {
    throw new TandemError("not-found", missing, { cause });
  }
  if (!existsSync(folder)) throw new TandemError("not-found", missing);
  return folder;
}

/** The version that dpkg holds; "unknown" where the files came another way. */
export async function debianVersion(name: string): Promise<string> {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own format
    return (await run("dpkg-query", ["-W", "-f", "${Version}", name])).stdout;
  } catch {
    return "unknown";
  }
}
