// `npm test`: set-up, then every stage, even after one has failed; ends with "N passed, N failed".
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { askAdvisories } from "./advisories.mjs";
import { root, setup } from "./setup.mjs";

const reports = join(root, ".cache", "reports");
const totals = { passed: 0, failed: 0 };
const count = (passed, failed) => {
  totals.passed += passed;
  totals.failed += failed;
};

function execute(title, args, env = {}) {
  console.log(`\n── ${title}`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
    });
    child.on("close", (code) => resolve(code === 0));
  });
}

async function check(title, args) {
  const ok = await execute(title, args);
  count(ok ? 1 : 0, ok ? 0 : 1);
}

async function unit() {
  const report = join(reports, "vitest.json");
  const ok = await execute("unit and contract tests (vitest)", [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  const result = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  const passed = result?.numPassedTests ?? 0;
  count(passed, Math.max(result?.numFailedTests ?? 0, ok && passed > 0 ? 0 : 1));
}

async function browser() {
  const specs = readdirSync(join(root, "e2e")).filter((name) => name.endsWith(".spec.ts"));
  const report = join(reports, "playwright.json");
  const ok = await execute(
    `end to end in Chromium (${specs.length} spec files)`,
    ["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  );
  const stats = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")).stats : undefined;
  const passed = (stats?.expected ?? 0) + (stats?.flaky ?? 0);
  count(passed, Math.max(stats?.unexpected ?? 0, ok && passed > 0 ? 0 : 1));
}

const usage =
  "usage: npm test (set-up, format, lint, types, unit, contract and browser tests); `npx vitest run PATH` and `npx playwright test PATH` run some";

async function all() {
  try {
    await setup({ postgres: true });
    // Beside the stages, and no part of what has passed: what a registry says changes without the code.
    const advisories = askAdvisories().then(
      ({ lines }) => lines.join("\n"),
      ({ message }) => message,
    );
    rmSync(reports, { recursive: true, force: true });
    mkdirSync(reports, { recursive: true });
    await check("format and lint (biome)", ["node_modules/@biomejs/biome/bin/biome", "check", "."]);
    await check("types (tsc)", ["node_modules/typescript/bin/tsc", "-p", "."]);
    await unit();
    if (existsSync(join(root, "e2e"))) await browser();
    console.log(`\nadvisories: ${await advisories}`);
  } catch (error) {
    console.error(error.message);
    count(0, 1);
  }
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

const given = process.argv.slice(2);
const [unknown] = given.filter((argument) => argument !== "--help");
if (unknown !== undefined) {
  console.error(`npm test takes no ${unknown}. ${usage}`);
  process.exitCode = 1;
} else if (given.length > 0) console.log(usage);
else await all();
