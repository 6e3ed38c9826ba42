import { constants } from "node:fs";
import { access, readdir, readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, messageOf } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import { type Environment, s3Of } from "@tandem/storage/open-stores";
import { openS3Blobs } from "@tandem/storage/s3-blobs";
import { namesRemote, remotePainter } from "@tandem/teacher/remote";
import { shippedFolder } from "@tandem/teacher/shipped-bases";
import pg from "pg";
import { bad, type Finding, note, ok } from "./finding";

const [leastFree, enoughFree] = [1e9, 5e9];
const patienceMs = 5000;

/** `version`: as `process.versions.node` is. */
export function checkNode(version: string): Finding {
  const [major, minor] = version.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok("Node", version)
    : bad("Node", `${version} is too old`, "install Node 20.19 or later");
}

/** Whether the server can keep its files in `directory`, and for how long. */
export async function checkDisk(directory: string): Promise<readonly Finding[]> {
  const there = await stat(directory).catch(() => undefined);
  if (!there)
    return [
      note("Data", `${directory} is not there`, "the server makes it when it starts; mistyped?"),
    ];
  if (!there.isDirectory())
    return [bad("Data", `${directory} is a file`, "give --data another folder")];
  const isWritable = await access(directory, constants.W_OK | constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable)
    return [
      bad(
        "Data",
        `${directory} cannot be written by this user`,
        `let it belong to the user that runs the server: chown -R USER ${directory}`,
      ),
    ];
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} free for ${directory}`;
  if (free < leastFree)
    return [bad("Data", text, "make room: `npm run store -- gc` removes blobs that nothing names")];
  return [free < enoughFree ? note("Data", text, "make room before it fills") : ok("Data", text)];
}

/** The database that the environment names, or the one in the folder. Nothing in it is changed. */
export async function checkDatabase(
  directory: string,
  { TANDEM_DATABASE_URL: url }: Environment,
): Promise<Finding> {
  if (!url) {
    const lock = await readFile(join(directory, "lock"), "utf8").catch(() => undefined);
    const used = lock ? `, in use by process ${lock.trim()}` : "";
    return ok("Database", `PGlite in ${directory}${used}`);
  }
  const shown = withoutPassword(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return ok("Database", `PostgreSQL ${rows[0].server_version} at ${shown}`);
  } catch (error) {
    return bad(
      "Database",
      `${shown} cannot be used: ${messageOf(error)}`,
      "start PostgreSQL, or mend TANDEM_DATABASE_URL (postgres://USER:PASSWORD@HOST:5432/NAME)",
    );
  } finally {
    await client.end().catch(() => {});
  }
}

function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return "TANDEM_DATABASE_URL";
  const url = new URL(text);
  url.password = "";
  return String(url);
}

/** Where blobs are kept. */
export async function checkBlobs(directory: string, environment: Environment): Promise<Finding> {
  const mend = "mend the TANDEM_S3_ variables, or unset them all to keep blobs in the data folder";
  try {
    const s3 = s3Of(environment);
    if (!s3) return ok("Blobs", `files in ${join(directory, "blobs")}`);
    await openS3Blobs({ ...s3, timeoutMs: patienceMs, retries: 0 });
    return ok("Blobs", `bucket ${s3.bucket} at ${s3.endpoint}`);
  } catch (error) {
    return bad("Blobs", messageOf(error), mend);
  }
}

/** What paints. A remote one is asked for its address alone: a picture would cost something. */
export async function checkTeacher(environment: Environment): Promise<Finding> {
  if (!namesRemote(environment)) {
    const bases = await readdir(shippedFolder);
    return ok("Teacher", `the bases that Tandem ships: ${bases.sort().join(", ")}`);
  }
  const url = environment.TANDEM_TEACHER_URL ?? "";
  try {
    remotePainter(environment, 32);
    const { status } = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    return status < 500
      ? ok("Teacher", `${url} answers; whether it takes the key shows with the first picture`)
      : bad("Teacher", `${url} answers ${status}`, "look at the service, or try later");
  } catch (error) {
    const cause = error instanceof Error && error.cause ? ` (${messageOf(error.cause)})` : "";
    return bad(
      "Teacher",
      codeOf(error) === "bad-config" ? messageOf(error) : `${url} cannot be reached${cause}`,
      "mend TANDEM_TEACHER_URL, _MODEL and _KEY, or unset them to use a shipped base",
    );
  }
}
