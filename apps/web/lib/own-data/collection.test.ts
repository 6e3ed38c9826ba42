import "fake-indexeddb/auto";
import { MessageChannel } from "node:worker_threads";
import { openOwnData } from "@tandem/client/own-data";
import { relabel } from "@tandem/intake/changes";
import { openIntake } from "@tandem/intake/open-intake";
import { toOwnSet } from "@tandem/intake/own-data";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import { serveIntake } from "@tandem/intake/serve-intake";
import { bytesOfPicture, painting } from "@tandem/intake/testing/pictures";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { expect, it, onTestFinished } from "vitest";
import { createCollection, type OwnTask } from "./collection";
import { createKeptData, type KeeperWorker } from "./kept-data";
import { linesOf, madeHere } from "./made-here";
import { serveKept } from "./serve-kept";
import { withMore } from "./tools";

const task: OwnTask = {
  classes: ["cat", "dog"].map((name) => ({ name, words: [name] })),
  modalities: ["image", "text"],
  pictures: { size: 16, colour: true, background: 255 },
  least: { participant: 4, class: 2 },
};
const picked = async (path: string, seed: number) => ({
  path,
  file: new File([(await bytesOfPicture(painting(20, 20, seed).png())) as BlobPart], path),
});
const pets = () =>
  Promise.all([1, 2, 3, 4].map((i) => picked(`${i % 2 ? "cat" : "dog"}/${i}.png`, i)));

/** Read as in a browser, at the other end of a channel. */
function open(of = task) {
  const startReader = () => {
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port1.close());
    serveIntake(port1 as never, nodeDecoder);
    port1.start();
    return openIntake(port2 as never);
  };
  return createCollection(of, async () => ({ startReader, withMore, toOwnSet }));
}

let databases = 0;
/** Kept as in a browser, without the worker in between. */
const serveInDatabase = (name = `kept-${databases++}`) =>
  serveKept(() => openIndexedDbClientStore(name), createMemoryClientStore());
function openKept(serve = serveInDatabase()) {
  const worker: KeeperWorker = {
    onmessage: null,
    onerror: null,
    async postMessage(message) {
      const data = await serve(structuredClone(message));
      worker.onmessage?.({ data } as never);
    },
  };
  return createKeptData("task-a", () => worker);
}

it("what is read twice comes together, can be changed, and changed back", async () => {
  const { store, add, change, undo } = open();
  await add(await pets());
  await add([await picked("cat/1.png", 9)]);
  expect(store.getState().intake?.samples).toHaveLength(5);
  change((intake) => relabel(intake, ["cat/1.png"], 1));
  const labelOfFirst = () => store.getState().intake?.samples[0].label;
  expect(labelOfFirst()).toBe(1);
  undo();
  expect(labelOfFirst()).toBe(0);
  expect(store.getState()).toMatchObject({ progress: undefined, problem: undefined });
});

it("a browser that has never kept anything is told so without a worker", async () => {
  const started: string[] = [];
  const start = () => {
    started.push("worker");
    return { onmessage: null, onerror: null, postMessage() {} };
  };
  const { store, look } = createKeptData("task-a", start, async () => false);
  await look();
  expect([store.getState(), started]).toEqual([{ type: "none" }, []]);
});

it("captions that are typed have the class that was chosen, whatever else there is", async () => {
  const classes = [
    { name: "cat", words: ["tom"] },
    { name: "dog", words: ["cat"] }, // its name alone tells nothing
  ];
  const { store, add } = open({ ...task, classes });
  await add(await pets());
  const { files, folders } = madeHere("Typed", linesOf(" purrs\n\n meows\r\n"), classes, 0);
  await add(files, folders);
  expect(store.getState().intake?.samples.slice(4)).toMatchObject([
    { caption: "purrs", label: 0 },
    { caption: "meows", label: 0 },
  ]);
});

it("reading that is cancelled leaves what was there, and says so", async () => {
  const { store, add, cancel } = open();
  await add(await pets());
  const adding = add([await picked("dog/9.png", 9)]);
  await Promise.resolve();
  cancel();
  await adding;
  expect(store.getState().problem).toBe("Reading was cancelled; nothing was kept.");
  expect(store.getState().intake?.samples).toHaveLength(4);
});

it("what is kept is there for whoever looks again, until it is removed", async () => {
  const kept = openKept(serveInDatabase("shared"));
  await kept.look();
  expect(kept.store.getState()).toEqual({ type: "none" });
  const { store, add, keep } = open();
  await add(await pets());
  expect(await keep(kept.write)).toBe(true);
  expect(store.getState().intake).toBeUndefined();
  const again = openKept(serveInDatabase("shared"));
  await again.look();
  expect(again.store.getState()).toEqual(kept.store.getState());
  expect(again.store.getState()).toMatchObject({
    type: "kept",
    kept: { modality: "image", train: 2, heldOut: 2 },
  });
  await again.remove();
  await kept.look();
  expect(kept.store.getState()).toEqual({ type: "none" });
});

it("what cannot be kept stays on the page, and the reason is told", async () => {
  const { store, add, keep } = open();
  await add((await pets()).slice(0, 2));
  const kept = openKept();
  expect(await keep(kept.write)).toBe(false);
  expect(store.getState().problem).toMatch(/2 samples with a class, and 4 are needed/);
  await add((await pets()).slice(2));
  const full = () => Promise.reject(new Error("no room"));
  expect(await keep(full)).toBe(false);
  expect(store.getState()).toMatchObject({ problem: "no room", isKeeping: false });
  expect(store.getState().intake?.samples).toHaveLength(4);
});

it("where a browser keeps nothing it is held in memory, and said not to last", async () => {
  const memory = createMemoryClientStore();
  const denied = () => Promise.reject(new Error("IndexedDB is denied"));
  const { store, add, keep } = open();
  await add(await pets());
  const kept = openKept(serveKept(denied, memory));
  expect(await keep(kept.write)).toBe(true);
  expect(kept.store.getState()).toMatchObject({ type: "kept", kept: { isLasting: false } });
  expect(await openOwnData(memory, "task-a").read()).toBeDefined();
  await kept.remove();
  expect(await memory.keys()).toEqual([]);
  expect(store.getState().problem).toBeUndefined();
});
