// `npm run advisories`: what the registry knows of faults in the installed dependencies.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./setup.mjs";

const patienceMs = 30_000;
/** `{"id": "GHSA-…", "package": NAME, "reason": why it does no harm here, "reviewed": "YYYY-MM-DD"}` each. */
const exceptionsFile = "scripts/advisories.json";

/**
 * `outcome`: `none`, `found`, or `unanswered` where the registry has no such endpoint, answers otherwise
 * or not in time; `lines` say it, the first one alone. Ends within 30 s; throws for an odd list of exceptions.
 */
export async function askAdvisories({ exceptions = readExceptions(), env = {} } = {}) {
  const { report, why } = await audit({ ...process.env, ...env });
  if (!report)
    return {
      outcome: "unanswered",
      lines: [`the registry does not answer: ${why}. Nothing is known of the dependencies' faults`],
    };
  const all = advisoriesOf(report);
  const accepted = new Map(exceptions.map((exception) => [exception.id, exception]));
  const found = all.filter(({ id }) => !accepted.has(id));
  const known = all.filter(({ id }) => accepted.has(id));
  const stale = exceptions.filter(({ id }) => !all.some((one) => one.id === id));
  const head =
    found.length === 0
      ? "none found"
      : `${found.length} found; update, or list with its reason in ${exceptionsFile}`;
  return {
    outcome: found.length === 0 ? "none" : "found",
    lines: [
      known.length === 0 ? head : `${head} (${known.length} reviewed)`,
      ...found.map((one) => `  ✗ ${named(one)}`),
      ...known.map((one) => {
        const { reviewed, reason } = accepted.get(one.id);
        return `  · ${named(one)}; reviewed ${reviewed}: ${reason}`;
      }),
      ...stale.map(({ id }) => `  ! ${id} in ${exceptionsFile} is not known any more: remove it`),
    ],
  };
}

const named = ({ severity, name, range, title, url }) =>
  `${severity} ${name} ${range}: ${title} (${url})`;

/** Each once, of whatever package it is. */
function advisoriesOf({ vulnerabilities }) {
  const found = new Map();
  for (const { via } of Object.values(vulnerabilities))
    for (const one of via) {
      if (typeof one === "string") continue; // by way of another package, which is listed too
      const id = /GHSA(-\w+){3}/.exec(one.url ?? "")?.[0] ?? String(one.source);
      found.set(id, { ...one, id });
    }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function audit(env) {
  const args = ["audit", "--json", "--omit=dev", "--fetch-retries=0"];
  const child = spawn("npm", args, { cwd: root, env, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, patienceMs);
  return new Promise((resolve) => {
    child.on("error", ({ message }) => resolve({ why: message }));
    child.on("close", () => {
      clearTimeout(timer);
      if (isLate) return resolve({ why: `no answer in ${patienceMs / 1000} s` });
      const report = parsed(text);
      if (typeof report?.vulnerabilities === "object") return resolve({ report });
      const why = report?.message ?? report?.error?.summary ?? "npm audit said nothing";
      resolve({ why: String(why).split("\n")[0] });
    });
  });
}

function readExceptions() {
  const list = parsed(readFileSync(join(root, exceptionsFile), "utf8"));
  if (!Array.isArray(list)) throw new Error(`${exceptionsFile} is no list in JSON`);
  const isWhole = ({ id, package: of, reason, reviewed }) =>
    [id, of, reason].every((text) => typeof text === "string" && text !== "") &&
    /^\d{4}-\d{2}-\d{2}$/.test(reviewed);
  const odd = list.find((one) => !isWhole(one));
  if (odd)
    throw new Error(
      `${exceptionsFile}: ${JSON.stringify(odd)} lacks id, package, reason or the day of its review (YYYY-MM-DD)`,
    );
  return list;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const usage =
    "usage: npm run advisories (asks the registry; 1 where it knows of faults, 0 where it does not or does not answer)";
  const given = process.argv.slice(2);
  const unknown = given.find((name) => name !== "--help");
  if (unknown !== undefined) {
    console.error(`advisories takes no ${unknown}. ${usage}`);
    process.exitCode = 1;
  } else if (given.length > 0) console.log(usage);
  else
    await askAdvisories().then(
      ({ outcome, lines }) => {
        console.log(`advisories: ${lines.join("\n")}`);
        process.exitCode = outcome === "found" ? 1 : 0;
      },
      ({ message }) => {
        console.error(message);
        process.exitCode = 1;
      },
    );
}
