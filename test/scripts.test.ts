import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { demoCommand } from "../apps/cli/src/demo/command";
import { serverCommand } from "../apps/web/server/command";
import { root, sourcesUnder } from "./sources";

/** What a script of package.json answers; none of these may get as far as its work. */
const run = (name: string, ...options: string[]) => {
  const script = join(root, "scripts", `${name}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options], {
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
};

it.each([
  ["start", serverCommand()],
  ["demo", demoCommand()],
])(
  "%s --help names every option of its program",
  (name, command) => {
    const { status, stdout } = run(name, "--help");
    expect(status).toBe(0);
    const flags = command.options.map(({ long }) => long);
    expect(flags.length).toBeGreaterThan(3);
    expect(flags.filter((flag) => !stdout.includes(`  ${flag}`))).toEqual([]);
    for (const { envVar } of command.options)
      if (envVar) expect(stdout.replace(/\s+/g, " ")).toContain(`env: ${envVar}`);
  },
  60_000,
);

it("start --help names every variable that a server reads and has no option", () => {
  const { stdout } = run("start", "--help");
  const text = [
    ...[...sourcesUnder("packages/storage/src"), ...sourcesUnder("apps/teacher/src")],
    ...sourcesUnder("apps/web/server"),
  ]
    .filter(({ path }) => !/\.test\.ts$|\/testing\//.test(path))
    .map(({ text }) => text)
    .join("\n");
  const read = new Set(
    Array.from(text.matchAll(/\b(TANDEM_[A-Z0-9_]+[A-Z0-9])\b/g), ([name]) => name),
  );
  read.delete("TANDEM_WEB_BUILD"); // for the tests
  expect(read.size).toBeGreaterThan(15);
  expect([...read].filter((name) => !stdout.includes(name))).toEqual([]);
}, 60_000);

it.runIf(process.platform === "linux")(
  "a data folder that cannot be made is said at once",
  () => {
    const server = join(root, "apps/web/server/main.ts");
    const args = ["--import", "tsx", server, "--api-only", "--data", "/proc/x", "--port", "0"];
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(stderr).toContain("/proc/x cannot be created or written to (ENOENT)");
    expect(status).toBe(1);
  },
  60_000,
);

it.each(["start", "demo", "journey", "test", "setup", "advisories"])(
  "%s refuses an option that it does not know, by name",
  (name) => {
    const { status, stdout, stderr } = run(name, "--nonsense");
    expect(status).toBe(1);
    expect(stderr).toContain("--nonsense");
    expect(stdout).toBe("");
  },
  60_000,
);

it("a value that does not fit is refused before anything is built", () => {
  expect(run("start", "--port", "x")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/--port.*give a port/),
  });
}, 60_000);

it.each(["journey", "test", "setup", "advisories"])("%s --help is one line", (name) => {
  expect(run(name, "--help")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^usage: .*\n$/),
  });
});
