import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { experimentId } from "@tandem/core/ids";
import { createKeyPair, deviceKeyOf, joinStatement } from "@tandem/protocol/device-key";
import { protocolVersion } from "@tandem/protocol/events";
import type { JoiningView } from "@tandem/protocol/view";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { connectSocket } from "@tandem/transport/socket-client";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type Api, createApi } from "../harness/rest-client";
import { freePort, root, type ServerProcess, startServer } from "../harness/server-process";
import { typed } from "../testing/typed";
import { experimentCommand } from "./command";

let folder: string;
let server: ServerProcess;
let api: Api;
const run = (name: string, id: string, ...args: readonly string[]) =>
  typed(experimentCommand(), name, id, ...args, "--url", server.url);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-experiment-"));
  await placeTestDatabase(folder);
  server = await startServer({ port: await freePort(), directory: folder, apiOnly: true });
  api = createApi(server.url);
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Asks for a place as a tab does; resolves with the reply's error code, or "joined". */
async function ask(id: string, wish: { readonly name: string; readonly invitation?: string }) {
  const { consent }: JoiningView = await (
    await fetch(`${server.url}/api/experiments/${id}/joining`)
  ).json();
  const channel = connectSocket({ url: server.url });
  onTestFinished(() => channel.close());
  await new Promise<void>((resolve) => channel.onConnection((up) => up && resolve()));
  const key = await deviceKeyOf(await createKeyPair());
  const asked = await channel.request("challenge", {});
  if (!asked.ok) throw new Error(asked.error.message);
  const { challenge } = asked;
  const reply = await channel.request("join", {
    ...{ version: protocolVersion, experiment: experimentId(id), device: "wasm" },
    consent: consent.hash,
    key: {
      public: key.public,
      proof: await key.sign(joinStatement({ experiment: id, challenge })),
    },
    ...wish,
  });
  return reply.ok ? "joined" : reply.error.code;
}

it("a link is made, lets in so many, is listed without its secret and revoked", async () => {
  const { id } = await api.create({ name: "Leaves", admission: "invitation", strategy: "fd" });
  expect(await run("invitations", id)).toMatch(/no invitation: npm run experiment -- invite/);
  const made = await run("invite", id, "--uses", "1", "--days", "3");
  const [, address, secret, invitation] = /^(\S+)#(\S+)\n✓ (\S+): lets 1 person in for 3 days/.exec(
    made,
  ) ?? [""];
  expect(address).toBe(`${server.url}/join/${id}`);
  expect(await ask(id, { name: "Eve" })).toBe("forbidden");
  expect(await ask(id, { name: "Ada", invitation: secret })).toBe("joined");
  const listed = await run("invitations", id);
  expect(listed).toBe(`${invitation} · 1 of 1 person let in · used up\n`);
  expect(await run("revoke", id, invitation)).toMatch(/lets nobody in any more/);
  await expect(run("revoke", id, invitation)).rejects.toThrow(/not-found/);
  await expect(run("invite", id, "--uses", "0")).rejects.toThrow(/--uses.*1 to 1000/);
  await expect(run("invite", id, "--days", "91")).rejects.toThrow(/--days.*1 to 90/);
}, 60_000);

it("who waits is listed, and let in or refused by the beginning of an id", async () => {
  const { id } = await api.create({ name: "Leaves", admission: "approval", strategy: "fd" });
  expect(await run("applicants", id)).toBe("Nobody is waiting.\n");
  for (const name of ["Ada", "Eve", "Ben"]) expect(await ask(id, { name })).toBe("waiting");
  const idOf = async (name: string) =>
    new RegExp(`^(\\w+) · ${name} · wasm · since `, "m").exec(await run("applicants", id))?.[1];
  expect(await run("admit", id, `${await idOf("Ada")}`)).toBe("✓ Ada is let in\n");
  expect(await run("refuse", id, `${await idOf("Eve")}`)).toBe("✓ Eve is refused\n");
  await expect(run("admit", id, "nobody")).rejects.toThrow(/nobody named nobody waits/);
  await expect(run("admit", id)).rejects.toThrow(/or give --all/);
  await expect(run("admit", id, "nobody", "--all")).rejects.toThrow(/or give --all/);
  expect(await run("admit", id, "--all")).toBe("✓ Ben is let in\n");
  expect(await run("applicants", id)).toBe("Nobody is waiting.\n");
  const name = "Eve\n0123456789ab · Ada\u001b[1A\u202e";
  expect(await ask(id, { name })).toBe("waiting");
  const [line, ...more] = (await run("applicants", id)).trimEnd().split("\n");
  expect(line).toMatch(/^\w+ · Eve�0123456789ab · Ada�\[1A� · wasm · since \S+ \S+ UTC$/);
  expect(more).toEqual([]);
  expect(await run("refuse", id, "--all")).toMatch(/^✓ Eve�0123456789ab · Ada�\[1A� is refused\n$/);
  await expect(run("applicants", "none")).rejects.toThrow(/not-found/);
}, 60_000);

it("a file makes a group, of which one is copied, tagged, archived and given more rounds", async () => {
  const write = async (name: string, json: object) => {
    await writeFile(join(folder, name), JSON.stringify(json));
    return join(folder, name);
  };
  const base = { strategy: "fd", rounds: 2, slots: 2 };
  const grid = { "strategyConfig.localEpochs": [1, 2] };
  const path = await write("s.json", { name: "Epochs", base, grid, seeds: [1, 2] });
  const made = await run("sweep", path);
  const [id] = made.split(" · ");
  expect(made).toContain(`${id} · Epochs: localEpochs 1, seed 1\n`);
  expect(made).toMatch(/✓ 4 experiments in the group Epochs\n$/);
  await expect(run("sweep", path)).rejects.toThrow(/conflict, name: there is a group Epochs/);
  expect(await run("sweep", path, "--as", "Again")).toMatch(/4 experiments in the group Again/);
  const file = await readFile(join(root, "experiments/emoji-strategies.json"), "utf8");
  const { runs, ...study } = JSON.parse(file);
  const some = runs.filter(({ name }: { name: string }) => ["local", "fedmmkt"].includes(name));
  const shared = await write("emoji-strategies.json", { ...study, runs: some, seeds: [1, 2] });
  expect(await run("sweep", shared)).toMatch(/emoji-strategies: local, seed 2\n✓ 4 experiments/);
  await expect(run("sweep", await write("bad.json", []))).rejects.toThrow(
    /bad\.json: must be a JSON/,
  );

  const copied = await run("clone", id, "--name", "Long", "--set", "rounds=9", "alpha=0.1");
  const [, copy] = /^✓ (\w+) · Long\n$/.exec(copied) ?? [];
  expect((await api.view(copy)).config).toMatchObject({ rounds: 9, alpha: 0.1, seed: 1 });
  expect(await run("add-rounds", copy, "3")).toMatch(/has 12 rounds/);
  expect(await run("tag", copy, "Skew", "b")).toBe(`✓ ${copy} has Skew and b\n`);
  expect(await run("tag", copy, "SKEW", "--remove")).toBe(`✓ ${copy} has b\n`);
  expect(await run("archive", copy)).toMatch(/Long is archived/);
  expect((await api.list()).map((view) => view.id)).not.toContain(copy);
  expect(await run("archive", copy, "--undo")).toMatch(/back in the list/);
}, 60_000);

it("is written in each format, and an archive of it comes back after it was deleted", async () => {
  const { id } = await api.create({ name: "Leaves", strategy: "fd" });
  const out = (name: string) => join(folder, "out", name);
  await mkdir(join(folder, "out"));
  const exported = (format: string, ...args: string[]) =>
    run("export", id, "--format", format, "--out", out(format), ...args);
  await expect(exported("csv")).rejects.toThrow(/not-found, “Leaves” has no metrics yet/);
  await expect(exported("archive")).rejects.toThrow(/conflict, “Leaves” has not been started/);
  await expect(exported("xlsx")).rejects.toThrow(/csv, jsonl, tensorboard, archive/);
  expect(await readdir(join(folder, "out"))).toEqual([]);

  await api.start(id);
  expect(await exported("archive")).toMatch(/^✓ \S+archive, [\d.]+ kB\n$/);
  await expect(exported("archive")).rejects.toThrow(/is there already: .*--force/);
  await exported("archive", "--force");
  const imports = (file: string) =>
    typed(experimentCommand(), "import", out(file), "--url", server.url);
  await expect(imports("archive")).rejects.toThrow(/conflict, This server has experiment/);
  await api.remove(id);
  const whole = await readFile(out("archive"));
  await writeFile(out("cut"), whole.subarray(0, -9));
  await expect(imports("cut")).rejects.toThrow(/bad-data, archive: It cannot be read as a zip/);
  await expect(imports("none")).rejects.toThrow(/none: ENOENT/);
  expect(await imports("archive")).toBe(`✓ ${id}: “Leaves”\n${server.url}/experiments/${id}\n`);
  await exported("archive", "--force");
  expect(await readFile(out("archive"))).toEqual(whole);
  await expect(exported("jsonl")).rejects.toThrow(/no metrics yet/);
  expect((await readdir(join(folder, "out"))).sort()).toEqual(["archive", "cut"]);
}, 60_000);

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

it.skipIf(!hasCurl)(
  "the examples of docs/rest.md run as they are written (needs curl)",
  async () => {
    const text = await readFile(join(import.meta.dirname, "../../../../docs/rest.md"), "utf8");
    const examples = Array.from(text.matchAll(/^```sh\n([\s\S]*?)^```/gm), ([, block]) => block);
    expect(examples).toHaveLength(2);
    const script = ["set -euo pipefail", ...examples].join("\n");
    expect(script).toContain("http://localhost:3000");
    const cwd = await mkdtemp(join(folder, "curl-"));
    const run = promisify(execFile)(
      "bash",
      ["-c", script.replace("http://localhost:3000", server.url)],
      {
        ...{ cwd, env: { ...process.env, TANDEM_TOKEN: "" } },
      },
    );
    const { stdout } = await run;
    const found = await api.list();
    expect(found.filter(({ group }) => group === "Skew")).toHaveLength(4);
    expect(found.find(({ tags }) => tags.includes("script"))).toMatchObject({
      status: "paused",
      importedAt: expect.any(Number),
    });
    expect(stdout).toContain('"importedAt":');
    const document = JSON.parse(await readFile(join(cwd, "openapi.json"), "utf8"));
    expect(document).toMatchObject({ openapi: "3.1.0" });
  },
  60_000,
);
