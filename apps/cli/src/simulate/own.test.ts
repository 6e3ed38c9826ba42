import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBackbone } from "@tandem/models/backbone/files";
import {
  folderOf,
  reader,
  smallModel,
  trainableModel,
} from "@tandem/models/backbone/testing/folders";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { taskCommand } from "../task/command";
import { drawShapes, shapeNames } from "../testing/shapes";
import { typed } from "../testing/typed";
import { simulateCommand } from "./command";

let folder: string;
const inside = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-own-"));
  for (const [name, count] of [
    ["ann", 15],
    ["ben", 20],
    ["cleo", 4],
  ] as const)
    await drawShapes(inside(name), count, name);
  await writeFile(inside("ann/circle/notes.pdf"), "%PDF-1.4");
  await mkdir(inside("study"));
  const task = {
    name: "Shapes",
    classes: shapeNames.map((name) => ({ name })),
    modalities: ["image"],
    pictures: { size: 16 },
  };
  await writeFile(inside("study/task.json"), JSON.stringify(task));
});
afterAll(() => rm(folder, { recursive: true }));

const simulate = (own: readonly string[], ...more: string[]) =>
  typed(simulateCommand(), "--task", inside("study"), "--own", ...own.map(inside), ...more);
const summaryIn = async (out: string) =>
  JSON.parse(await readFile(inside(`${out}/summary.json`), "utf8"));

it("folders of pictures become participants that train, and are measured on what they hold out", async () => {
  const settings = ["--set", "localEpochs=15", "--rounds", "2", "--out", inside("out")];
  const output = await simulate(["ann", "ben", "cleo"], ...settings);
  expect(output).toMatch(/strategy fedavg: the task has no teacher \(--strategy takes another\)/);
  expect(output).toMatch(
    /ann: 45 samples \(circle 15, square 15, bars 15\), 9 of them held out\n {2}left out: 1\n/,
  );
  expect(output).toMatch(/cleo: Only 3 samples can be held out to measure on, and 5 are needed/);
  const { accuracy, own, config, clients } = await summaryIn("out");
  expect(config).toMatchObject({ name: "Shapes", strategy: "fedavg", rounds: 2, slots: 3 });
  expect(accuracy.measuredOn).toBe("held-out");
  const [ann, ben, cleo] = accuracy.participants;
  expect(accuracy.participants).toMatchObject([
    { name: "ann", heldOut: 9 },
    { name: "ben", heldOut: 12 },
    { name: "cleo", heldOut: 3, accuracy: null },
  ]);
  expect(accuracy.mean).toBeCloseTo((9 * ann.accuracy + 12 * ben.accuracy) / 21);
  expect(accuracy.mean).toBeGreaterThan(0.6); // chance is a third
  expect(cleo.accuracy).toBeNull();
  expect(own[0].leftOut).toMatchObject([{ path: "circle/notes.pdf" }]);
  expect(clients.map(({ samples }: { samples: number }) => samples)).toEqual([36, 48, 9]);
  const shown = (value: number) => `${(100 * value).toFixed(1)} %`;
  expect(output.trimEnd().split("\n").at(-1)).toBe(
    `accuracy on samples held out: mean ${shown(accuracy.mean)} · ann ${shown(ann.accuracy)} · ben ${shown(ben.accuracy)} · cleo – (3 held out, too few)`,
  );
}, 120_000);

/** What a server has of a model, and the fields by which a task pins it. */
async function served(model: Parameters<typeof folderOf>[0]) {
  const files = await folderOf(model);
  const server = createServer(({ url = "" }, response) => {
    const file = files[url.replace("/backbones/small/", "")];
    response.writeHead(file ? 200 : 404).end(file);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { sha256 } = await readBackbone(reader(files));
  const pinned = { url: "/backbones/small/model.json", sha256, normalisation: "0..1", features: 6 };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, pinned };
}

/** The study with a model. */
async function write(name: string, models: object) {
  const definition = JSON.parse(await readFile(inside("study/task.json"), "utf8"));
  await mkdir(inside(name), { recursive: true });
  await writeFile(inside(`${name}/task.json`), JSON.stringify({ ...definition, ...models }));
}

it("a task's backbone makes the features that heads train on, of the photographs themselves", async () => {
  const { url, pinned } = await served(smallModel(null));
  const backbone = { ...pinned, size: 32 };
  await write("featured", { backbone });
  const args = ["--task", inside("featured"), "--own", inside("ann"), inside("ben"), "--url", url];
  const settings = ["--set", "localEpochs=2", "--rounds", "1", "--out", inside("heads")];
  const output = await typed(simulateCommand(), ...args, ...settings);
  expect(output).toMatch(/^backbone: 6 features of 32 x 32 pixels$/m);
  const { clients, task } = await summaryIn("heads");
  expect(task.backbone).toEqual(backbone);
  expect(clients.map((one: { architecture: string }) => one.architecture)).toEqual(
    Array(2).fill("backbone-linear"),
  );
  await write("featured", { backbone: { ...backbone, sha256: "0".repeat(64) } });
  await expect(typed(simulateCommand(), ...args, "--out", inside("none"))).rejects.toThrow(
    /has changed: its SHA-256 is/,
  );
}, 60_000);

it("a task's encoder is checked with the task, and trained by all", async () => {
  const { url, pinned } = await served(trainableModel());
  const encoder = { ...pinned, size: 8, parameters: 150 };
  await write("trained", { encoder });
  const check = () => typed(taskCommand(), "check", inside("trained"), "--url", url);
  const line = /^encoder: 6 features of 8 x 8 pixels, 150 numbers trained$/m;
  expect(await check()).toMatch(line);
  const args = ["--task", inside("trained"), "--own", inside("ann"), inside("ben"), "--url", url];
  const settings = ["--set", "localEpochs=2", "--rounds", "1", "--out", inside("trained-out")];
  expect(await typed(simulateCommand(), ...args, ...settings)).toMatch(line);
  const { clients, task } = await summaryIn("trained-out");
  expect(task.encoder).toEqual(encoder);
  expect(clients.map((one: { architecture: string }) => one.architecture)).toEqual(
    Array(2).fill("own-layers"),
  );
  await write("trained", { encoder: { ...encoder, parameters: 151 } });
  await expect(check()).rejects.toThrow(/has changed: parameters is 150, and was 151/);
}, 60_000);

it("some lie and some fall silent, as on any data", async () => {
  const befallen = ["--attack", "label-flip:0.4", "--faults", "drop:0.4", "leave:1:2"];
  const settings = ["--strategy", "local", "--set", "localEpochs=1", "--rounds", "2"];
  await simulate(["ann", "ben", "cleo"], ...settings, ...befallen, "--out", inside("befallen"));
  const { attackers, accuracy, faults, rounds } = await summaryIn("befallen");
  expect(attackers).toHaveLength(1);
  expect(faults).toMatchObject({ drop: 0.4, leave: [{ clients: 1, round: 2 }] });
  expect(rounds.map(({ cohort }: { cohort: number }) => cohort)).toEqual([3, 2]);
  expect(accuracy.participants).toHaveLength(3);
}, 60_000);

it("what cannot run is refused before anything does, for all participants at once", async () => {
  const out = ["--out", inside("none")];
  const refused = (own: readonly string[], ...more: string[]) =>
    expect(simulate(own, ...more, ...out)).rejects;
  await cp(inside("ann"), inside("dora"), { recursive: true });
  await cp(inside("ann/bars"), inside("dora/triangle"), { recursive: true });
  await cp(inside("ann/bars"), inside("emil/squares"), { recursive: true });
  await mkdir(inside("few"));
  await cp(inside("cleo/bars"), inside("few/bars"), { recursive: true });
  await refused(["ann", "dora", "emil", "few", "gone"]).toThrow(
    /^--own \S+dora: none of the classes \(circle, square, bars\): "triangle" .*\n--own \S+emil: .*"squares" \(15 samples, perhaps square\).*\n--own \S+few: You have 4 samples .* 10 are needed.*\n--own \S+gone: there is no such file or folder/,
  );
  await refused(["ann", "ann"]).toThrow(/ann is given twice/);
  await refused(["ann"], "--strategy", "fedmmkt").toThrow(
    /FedMMKT needs a teacher, and “Shapes” has/,
  );
  await refused(["ann"], "--strategy", "centralised").toThrow(/centralised pools/);
  await refused(["ann"], "--config", "missingClients=0.5").toThrow(/missingClients: 0\.5 changes/);
  await refused(["ann"], "--attack", "colluding:1").toThrow(/attack: .* not of fedavg/);
  await refused(["ann"], "--clients", "3").toThrow(/--clients: with --own/);
  await refused(["ann"], "--jobs", "3").toThrow(/--jobs belong to an experiment's file/);
  const other = (...args: string[]) => expect(typed(simulateCommand(), ...args, ...out)).rejects;
  await other("--task", inside("study")).toThrow(/--own is missing/);
  await other("--own", inside("ann")).toThrow(/Name an experiment's file or a data set, or give a/);
  await other("fm-cap", "--task", inside("study")).toThrow(/--task in place of fm-cap: leave one/);
  await other("--task", inside("gone"), "--own", inside("ann")).toThrow(/gone: there is no such/);
}, 60_000);
