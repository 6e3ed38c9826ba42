import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, type ServerProcess, startServer } from "../harness/server-process";
import { drawShapes } from "../testing/shapes";
import { typed } from "../testing/typed";
import { taskCommand } from "./command";
import { readTaskAt } from "./folder";

let folder: string;
let server: ServerProcess;
const inside = (name: string) => join(folder, name);
const task = (...args: string[]) => typed(taskCommand(), ...args);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-task-"));
  await drawShapes(inside("shapes"), 3, "public");
  await writeFile(inside("shapes/circle/notes.pdf"), "%PDF-1.4");
  const data = inside("data");
  await placeTestDatabase(data);
  server = await startServer({ port: await freePort(), directory: data, apiOnly: true });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

it("brings a folder to a server, whose task comes back as the same zip, and goes", async () => {
  const { url } = server;
  expect(await task("list", "--url", url)).toMatch(/no task at http.*task -- create DIR/);
  const zip = inside("local.zip");
  const options = ["--licence", "CC0-1.0", "--size", "16", "--name", "Shapes"];
  const written = await task("create", inside("shapes"), "--zip", zip, ...options);
  expect(written).toMatch(/no task\.json: “Shapes” has the classes of the folders \(bars, ci/);
  expect(written).toMatch(/16 x 16 pixels, image, teacher none/);
  expect(written).toMatch(/public: 9 samples \(bars 3, circle 3, square 3\)\nleft out: 1\n/);
  expect(written).toMatch(/circle\/notes\.pdf: \S/);
  expect(written).toMatch(/✓ \S+local\.zip, /);

  const created = await task("create", inside("shapes"), "--url", `${url}/`, ...options);
  const [, id] = /✓ (task-[0-9a-f]{16})\n/.exec(created) ?? [];
  expect(created.endsWith(`\n${url}/tasks/${id}\n`)).toBe(true);
  expect(await task("list", "--url", url)).toBe(
    `${id} · Shapes · 3 classes · public 9 samples · 0 experiments\n`,
  );
  await task("export", id, "--url", url, "--out", inside("exported.zip"));
  expect(await readFile(inside("exported.zip"))).toEqual(await readFile(zip));
  const again = ["export", id, "--url", url, "--out", inside("exported.zip")];
  await expect(task(...again)).rejects.toThrow(/exported\.zip is there already: .*--force/);
  await task(...again, "--force");
  expect(await task("import", zip, "--url", url)).toMatch(/✓ task-/);
  await task("remove", id, "--url", url);
  expect(await task("list", "--url", url)).not.toContain(id);
  await expect(task("export", id, "--url", url, "--out", inside("x.zip"))).rejects.toThrow(
    /not-found/,
  );
  await expect(task("import", inside("data"), "--url", url)).rejects.toThrow(/data: EISDIR/);
}, 60_000);

it("pictures without a licence only name the classes", async () => {
  const { sets, made, task: read } = await readTaskAt(inside("shapes"));
  expect([sets, made]).toEqual([
    {},
    expect.stringMatching(/only name the classes; with --licence/),
  ]);
  expect(read).toMatchObject({ name: "shapes", modalities: ["image"], teacher: { kind: "none" } });
});

it("what cannot be brought is refused with the file, the field and the way out", async () => {
  const check = (path: string, ...options: string[]) => task("check", inside(path), ...options);
  expect(await check("shapes", "--teacher", "emoji-style")).toMatch(
    /teacher shipped[^✓]*✓ \S+ can/,
  );
  await expect(check("none")).rejects.toThrow(/none: there is no such file or folder/);
  await expect(check("shapes", "--teacher", "van-gogh")).rejects.toThrow(
    /teacher: there is no base van-gogh: use one of .*emoji-style/,
  );
  await expect(check("shapes", "--size", "31")).rejects.toThrow(/--size.*one of 16, 28, 32, 64/);
  await expect(check("shapes", "--modalities", "sound")).rejects.toThrow(/some of image, text/);
  await expect(check("shapes", "--teacher", "../x")).rejects.toThrow(/a path from \//);
  await expect(check("shapes/circle")).rejects.toThrow(/no folder of a class: write one/);

  await mkdir(inside("split"));
  await cp(inside("shapes"), inside("split/train"), { recursive: true });
  await cp(inside("shapes"), inside("split/val"), { recursive: true });
  await expect(check("split")).rejects.toThrow(
    /split: "train" is a part of a data set, not a class/,
  );
  await cp(inside("shapes"), inside("whole/public"), { recursive: true });
  await expect(check("whole")).rejects.toThrow(/whole: public: say under which terms.*--licence/);
  await writeFile(inside("whole/task.json"), '{"name":"x","classes":[{"name":"a"}]}');
  await expect(check("whole")).rejects.toThrow(/whole: task\.json: classes: /);
  const classes = ["bars", "circle", "square"].map((name) => ({ name }));
  const definition = { name: "x", classes, pictures: { size: 31 } };
  await writeFile(inside("whole/task.json"), JSON.stringify(definition));
  await expect(check("whole")).rejects.toThrow(/task\.json: pictures\.size: /);
  await writeFile(inside("whole/task.json"), JSON.stringify({ name: "x", classes }));
  await expect(check("whole")).rejects.toThrow(/whole: publicLicence: say under which terms/);
  await expect(check("whole", "--name", "y")).rejects.toThrow(
    /--name cannot change a task that has/,
  );

  const away = ["create", inside("shapes"), "--url", "http://localhost:1"];
  await expect(task(...away)).rejects.toThrow(/localhost:1 does not answer .* npm start/);
  await expect(task("list", "--url", "ftp://x")).rejects.toThrow(/an address such as/);
}, 60_000);
