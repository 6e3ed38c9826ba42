import { parseArgs } from "node:util";
import { messageOf, TandemError } from "@tandem/core/errors";
import { buildClipart, clipartDirectory } from "./clipart/build";
import { buildEmojiLanguages, languagesDirectory } from "./emoji/build-languages";
import { buildEmojiStyle, defaultDirectory } from "./emoji/build-style";
import { buildFashion, fashionDirectory } from "./fashion/build";

const usage =
  "usage: npm run data -- [emoji-style|emoji-languages|clipart|fmnist …] [--out DIR] [--source DIR] [--size 32|64] [--write-manifest]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    source: { type: "string" },
    size: { type: "string", default: "32" },
    "write-manifest": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const { out, "write-manifest": writeManifest } = values;
const source = values.source === undefined ? {} : { source: values.source };
const size = values.size === "64" ? 64 : 32;

function progress(name: string) {
  let shown = -1;
  return (done: number, total: number) => {
    const percent = Math.floor((done / total) * 10) * 10;
    if (percent !== shown) console.log(`${name}: ${done} of ${total} pictures`);
    shown = percent;
  };
}

async function build(name: string): Promise<void> {
  const started = Date.now();
  const directory = out ?? defaultOf(name);
  const built = await run(name, directory);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${built ? `built in ${seconds} s, in` : "up to date in"} ${directory}`);
}

/** Data sets that are made of what another one builds. */
const sources: Readonly<Record<string, string>> = {
  "emoji-domain": "emoji-style",
  "emoji-domain-twemoji": "emoji-style",
  "fm-cap": "fmnist",
  "fm-cap-few": "fmnist",
  "fm-cap-few-40": "fmnist",
  "fm-cap-domain": "fmnist",
  "fm-cap-domains": "fmnist",
};

function defaultOf(name: string): string {
  if (name === "emoji-style") return defaultDirectory;
  if (name === "emoji-languages") return languagesDirectory;
  if (name === "clipart") return clipartDirectory(size);
  if (name === "fmnist") return fashionDirectory;
  throw new TandemError("not-found", `There is no data set "${name}".\n${usage}`);
}

function run(name: string, directory: string): Promise<boolean> {
  if (name === "clipart")
    return buildClipart({ directory, ...source, size, writeManifest, progress: progress(name) });
  if (name === "fmnist") return buildFashion({ directory, ...source, writeManifest });
  if (name === "emoji-languages")
    return buildEmojiLanguages({ directory, writeManifest, progress: progress("emoji-style") });
  return buildEmojiStyle({ directory, writeManifest, progress: progress(name) });
}

async function main(): Promise<void> {
  if (values.help) return console.log(usage);
  const names = positionals.length > 0 ? positionals : ["emoji-style"];
  if (out && names.length > 1)
    throw new TandemError("bad-config", `--out is for one data set, not for ${names.length}.`);
  if (values.size !== "32" && values.size !== "64")
    throw new TandemError("bad-config", `--size is 32 or 64, not ${values.size}.`);
  for (const name of new Set(names.map((own) => sources[own] ?? own))) await build(name);
}

await main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
