import { execFile } from "node:child_process";
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { TandemError } from "@tandem/core/errors";
import { benchmarks, phases, samplings } from "@tandem/core/experiment";
import { clientTasks } from "@tandem/core/model";
import { jsonObject } from "@tandem/protocol/json";
import { attackKinds } from "@tandem/simulation/attacks";
import { ofEachShareFault } from "@tandem/simulation/faults";
import * as z from "zod/mini";

const number = z.number();
const count = z.int().check(z.minimum(0));
const turnovers = z.optional(z.readonly(z.array(z.strictObject({ clients: count, round: count }))));
const metrics = z.record(z.string(), number);

/** A finished job: one line of `results/<experiment>.jsonl`. */
const runRecord = z.strictObject({
  experiment: z.string(),
  run: z.string(),
  seed: count,
  /** `hashOf` the configuration. */
  hash: z.string(),
  config: z.strictObject({
    dataset: z.string(),
    rounds: count,
    clients: count,
    slots: count,
    alpha: number,
    missingClients: z.optional(number),
    missingSamples: z.optional(number),
    lateCaptions: z.optional(count),
    task: z.optional(z.enum(clientTasks)),
    benchmark: z.optional(z.enum(benchmarks)),
    strategy: z.string(),
    strategyConfig: jsonObject,
    attack: z.optional(z.strictObject({ kind: z.enum(attackKinds), share: number })),
    participation: z.optional(number),
    sampling: z.optional(z.enum(samplings)),
    faults: z.optional(
      z.strictObject({
        ...ofEachShareFault(z.optional(number)),
        clockSkew: z.optional(number),
        join: turnovers,
        leave: turnovers,
      }),
    ),
  }),
  /** Slots of the clients that lied; absent where none does. */
  attackers: z.optional(z.array(count)),
  /** By slot. Bytes are of the whole run. */
  clients: z.array(
    z.strictObject({
      modality: z.enum(["image", "text", "image-text"]),
      architecture: z.string(),
      source: z.string(),
      samples: count,
      bytesUp: count,
      bytesDown: count,
    }),
  ),
  rounds: z.array(
    z.strictObject({
      round: count,
      /** Clients asked, answers taken, answers refused. */
      cohort: count,
      uploads: count,
      refused: count,
      /** Of all clients together. */
      bytesUp: count,
      bytesDown: count,
      metrics,
      /** Of each client by slot, on the global test; null for one that did not answer. */
      accuracy: z.array(z.nullable(number)),
      phaseMs: z.partialRecord(z.enum(phases), number),
    }),
  ),
  /** Of the repository; null outside a checkout. Dirty: sources differ from it. */
  commit: z.nullable(z.strictObject({ hash: z.string(), dirty: z.boolean() })),
  command: z.string(),
  threads: count,
  machine: z.strictObject({
    processor: z.string(),
    cores: count,
    node: z.string(),
    at: z.string(),
  }),
});
export type RunRecord = z.infer<typeof runRecord>;

/** All lines; none for a file that is not there. Throws `corrupt` naming the line. */
export async function readRecords(path: string): Promise<readonly RunRecord[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text
    .split("\n")
    .slice(0, text.endsWith("\n") ? -1 : undefined)
    .flatMap((line, i) => (text === "" ? [] : [parseRecord(line, `${path}, line ${i + 1}`)]));
}

/** Of all files of a folder, which may not be there. */
export async function readAllRecords(directory: string): Promise<readonly RunRecord[]> {
  const names = await readdir(directory).catch(() => []);
  const paths = names
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => join(directory, name));
  return (await Promise.all(paths.map(readRecords))).flat();
}

function parseRecord(line: string, where: string): RunRecord {
  const refuse = (why: string) =>
    new TandemError("corrupt", `${where}: ${why}: delete the line, then run that job again.`);
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw refuse("not a whole line of JSON");
  }
  const parsed = z.safeParse(runRecord, json);
  if (parsed.success) return parsed.data;
  throw refuse(`${parsed.error.issues[0].path.join(".") || "the line"} is not as it should be`);
}

/** One write to the end of the file, on disk when this settles: a line is there whole or not at all. */
export async function appendRecord(path: string, record: RunRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "a");
  try {
    await file.write(`${JSON.stringify(record)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Of the checkout that `directory` is in; results and documents do not make it dirty. */
export async function commitOf(directory: string): Promise<RunRecord["commit"]> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", args, { cwd: directory })).stdout.trim();
  try {
    const hash = await git("rev-parse", "--short=12", "HEAD");
    const sources = ["apps", "packages", "package.json", "package-lock.json"];
    return { hash, dirty: (await git("status", "--porcelain", "--", ...sources)) !== "" };
  } catch {
    return null; // no git here, or no checkout
  }
}
