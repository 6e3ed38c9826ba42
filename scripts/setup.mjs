// Prepares a fresh machine. Node built-ins only: nothing is installed yet when this runs.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");

/** Runs a command, showing that it lives; its output is shown only when it fails. */
export function run(label, command, args, options = {}) {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  process.stdout.write(`· ${label} …\n`);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...options.env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const alive = setInterval(() => process.stdout.write(`  ${label}: ${seconds()} s\n`), 15_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(alive);
      if (code === 0) {
        process.stdout.write(`✓ ${label} (${seconds()} s)\n`);
        resolve(output);
      } else {
        reject(new Error(`${label} failed (exit ${code}):\n${output.slice(-8000)}`));
      }
    });
  });
}

/** Prepares, then becomes the program: same terminal, same signals, same exit code. */
export async function follow(prepare) {
  try {
    const args = await prepare();
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
    // A terminal sends Ctrl-C to both; the child ends in its own time and we wait for it.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    process.exitCode = await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => resolve(code ?? 1));
    });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

function checkTools() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  if (spawnSync("git", ["--version"]).status !== 0)
    throw new Error("git was not found: install it and put it on the PATH.");
}

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

async function installDependencies() {
  if (installed()) return;
  await run("installing dependencies", npm, ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    // Older npm ignores allowScripts of package.json and would download CUDA libraries.
    env: { ONNXRUNTIME_NODE_INSTALL: "skip" },
  });
}

/** npm records what it has put into node_modules; packages for other platforms are optional. */
function installed() {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const packagesOf = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
  const present = packagesOf(record);
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(
    ([path, { version, optional }]) =>
      !path.startsWith("node_modules/") || optional || present[path]?.version === version,
  );
}

async function buildData() {
  await run("preparing the Emoji-Style data", process.execPath, [
    "--import",
    "tsx",
    "packages/datasets/src/emoji/build-style.ts",
  ]);
}

/** The pages hold the path that the public address has before theirs. */
async function buildWeb(publicUrl = "") {
  const folder = process.env.TANDEM_WEB_BUILD ?? ".next";
  const stamp = join(root, "apps/web", folder, ".tandem-sources");
  const files = [
    ...filesBelow(join(root, "apps/web")),
    ...filesBelow(join(root, "packages")),
    join(root, "package-lock.json"),
  ];
  const path = publicUrl === "" ? "" : new URL(publicUrl).pathname.replace(/\/+$/, "");
  const sources = digest(files);
  const built = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  if (built === `${sources}${path}`) return;
  const why = built.startsWith(sources) ? "for another public address" : "its sources have changed";
  await run(
    `building the web app${built && ` (${why})`}`,
    process.execPath,
    ["node_modules/next/dist/bin/next", "build", "apps/web"],
    { env: { TANDEM_PUBLIC_URL: publicUrl } },
  );
  writeFileSync(stamp, `${sources}${path}`);
}

const notSources = ["node_modules", ".next", "next-env.d.ts"];

function digest(files) {
  const hash = createHash("sha256");
  // By their names in the repository: a folder that has been moved is the same.
  for (const file of files) hash.update(relative(root, file)).update(readFileSync(file));
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !notSources.includes(name) && !/\.test\.tsx?$/.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

const knownBrowsers = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

async function findChromium() {
  const { chromium } = await import("@playwright/test");
  const candidates = [process.env.CHROMIUM_PATH, chromium.executablePath(), ...knownBrowsers];
  const found = () => candidates.find((path) => path && isFile(path));
  if (process.env.CHROMIUM_PATH && !isFile(process.env.CHROMIUM_PATH))
    throw new Error(`CHROMIUM_PATH names no file: ${process.env.CHROMIUM_PATH}`);
  if (!found()) {
    if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0) {
      await apt("Chromium", "chromium");
    } else {
      await run("downloading Playwright's Chromium", process.execPath, [
        "node_modules/@playwright/test/cli.js",
        "install",
        "chromium",
      ]);
    }
  }
  const path = found();
  if (!path) throw new Error("No Chromium found: install one, or set CHROMIUM_PATH to it.");
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "chromium-path"), path);
  process.stdout.write(`✓ Chromium at ${path}\n`);
}

/** The tests also run on PostgreSQL where a server of version 15 or newer is found, or can be had from Debian. */
async function findPostgres() {
  const debian = "/usr/lib/postgresql";
  const onPath = (process.env.PATH ?? "").split(delimiter).some((at) => isFile(join(at, "initdb")));
  if (onPath || (existsSync(debian) && readdirSync(debian).some((name) => Number(name) >= 15)))
    return;
  if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0) {
    // Without the cluster that Debian would create and start: the tests have their own.
    mkdirSync("/etc/postgresql-common", { recursive: true });
    const settings = "/etc/postgresql-common/createcluster.conf";
    if (!existsSync(settings)) writeFileSync(settings, "create_main_cluster = false\n");
    await apt("PostgreSQL", "--no-install-recommends", "postgresql");
  } else {
    process.stdout.write("· no PostgreSQL 15 or newer: its tests will be skipped\n");
  }
}

/** nginx or Caddy, for `npm run journey`. */
async function findProxy(name) {
  const places = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  if (places.some((at) => isFile(join(at, name)))) return;
  const debian = { nginx: "nginx-light", caddy: "caddy" }[name];
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0)
    throw new Error(`No ${name} found: install it, on Debian with apt-get install ${debian}.`);
  await apt(name, "--no-install-recommends", debian);
}

let isListed = false;

async function apt(label, ...packages) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (!isListed) await run("updating Debian's package list", "apt-get", ["update", "-qq"], { env });
  isListed = true;
  await run(`installing ${label}`, "apt-get", ["install", "-y", "-qq", ...packages], { env });
}

const isFile = (path) => existsSync(path) && statSync(path).isFile();

/** Dependencies, data, web build, a Chromium, for tests PostgreSQL; each only when it is missing or out of date. */
export async function setup({
  browser = true,
  build = true,
  data = true,
  postgres = false,
  proxy = undefined,
  publicUrl = process.env.TANDEM_PUBLIC_URL,
} = {}) {
  checkTools();
  await installDependencies();
  if (data) await buildData();
  if (build) await buildWeb(publicUrl);
  if (browser) await findChromium();
  if (postgres) await findPostgres();
  if (proxy) await findProxy(proxy);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const usage = "usage: node scripts/setup.mjs [--no-browser] [--no-build]";
  const given = process.argv.slice(2);
  const unknown = given.find((name) => !["--help", "--no-browser", "--no-build"].includes(name));
  if (unknown !== undefined) {
    console.error(`setup takes no ${unknown}. ${usage}`);
    process.exitCode = 1;
  } else if (given.includes("--help")) {
    console.log(usage);
  } else {
    await setup({
      browser: !given.includes("--no-browser"),
      build: !given.includes("--no-build"),
    }).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  }
}
