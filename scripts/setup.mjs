// Prepares a fresh machine. Node built-ins only: nothing is installed yet when this runs.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
}

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

async function installDependencies() {
  const stamp = join(root, "node_modules", ".tandem-lock");
  const lock = digest([join(root, "package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  await run("installing dependencies", npm, ["ci", "--no-audit", "--no-fund"], {
    // The CUDA provider would be downloaded from elsewhere; the CPU provider is in the package.
    env: { ONNXRUNTIME_NODE_INSTALL_CUDA: "skip" },
  });
  writeFileSync(stamp, lock);
}

async function buildData() {
  await run("preparing the Emoji-Style data", process.execPath, [
    "--import",
    "tsx",
    "packages/datasets/src/build-emoji-style.ts",
  ]);
}

async function buildWeb() {
  const stamp = join(root, "apps/web/.next/.tandem-sources");
  const sources = digest([
    ...filesBelow(join(root, "apps/web")),
    ...filesBelow(join(root, "packages")),
    join(root, "package-lock.json"),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) return;
  await run("building the web app", process.execPath, [
    "node_modules/next/dist/bin/next",
    "build",
    "apps/web",
  ]);
  writeFileSync(stamp, sources);
}

function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !["node_modules", ".next"].includes(entry.name))
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
  const record = join(cache, "chromium-path");
  const own = await playwrightBrowser();
  const found = () =>
    [process.env.CHROMIUM_PATH, ...knownBrowsers, own].find((path) => path && isFile(path));
  if (!found()) {
    if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0) {
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      await run("updating Debian's package list", "apt-get", ["update", "-qq"], { env });
      await run("installing Chromium", "apt-get", ["install", "-y", "-qq", "chromium"], { env });
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
  writeFileSync(record, path);
}

const isFile = (path) => existsSync(path) && statSync(path).isFile();

async function playwrightBrowser() {
  const { chromium } = await import("@playwright/test");
  return chromium.executablePath();
}

/** Dependencies, data, web build and a Chromium; each only when it is missing or out of date. */
export async function setup({ browser = true, build = true } = {}) {
  checkNode();
  await installDependencies();
  await buildData();
  if (build) await buildWeb();
  if (browser) await findChromium();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--help")) {
    console.log("usage: node scripts/setup.mjs [--no-browser] [--no-build]");
  } else {
    await setup({
      browser: !process.argv.includes("--no-browser"),
      build: !process.argv.includes("--no-build"),
    }).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  }
}
