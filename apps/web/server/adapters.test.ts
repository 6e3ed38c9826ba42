import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Answer,
  begin,
  counterServer,
  createWorld,
  until,
  value,
} from "@tandem/coordinator/testing/world";
import { TandemError } from "@tandem/core/errors";
import { blobHash } from "@tandem/core/ids";
import type { ServerHalf } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { readPeft, writePeft } from "@tandem/diffusion/lora/peft";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import { unzipSync } from "fflate";
import { afterEach, expect, it } from "vitest";
import { local } from "./accounts/accounts";
import { apiRoutes } from "./api-routes";
import { createRouter } from "./router";
import { memoryTasks } from "./testing/memory-tasks";
import { lessonOf, teaching } from "./testing/teaching";

let server: Server | undefined;
afterEach(() => server?.close());

type Run = { readonly name?: string; readonly silentIn?: number };

/** Three rounds; in one of them, if named, the clients leave the server waiting. */
async function run(half: ServerHalf, { name = "Test", silentIn }: Run = {}) {
  const world = createWorld({ server: half });
  const answer: Answer = (round, slot) => (round === silentIn ? "silence" : value(slot + 1));
  const { coordinator, id, ended } = await begin(world, [answer, answer, answer], { name });
  const { store, blobs } = world;
  const tasks = memoryTasks({ experiments: store, blobs });
  const routes = apiRoutes({
    coordinator,
    store,
    strategies: [],
    disclosureOf: () => undefined,
    costs: async () => false,
    tasks,
  });
  server = createServer(
    createRouter(
      routes,
      (_, __, run) => run({ visitor: local, note: () => {} }),
      (error) => console.error(error),
    ),
  );
  server.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's
  const get = (path: string) => fetch(`http://localhost:${port}/api/experiments/${id}/${path}`);
  const refusal = async (path: string) => {
    const response = await get(path);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return [response.status, error.code, error.message];
  };
  const waiting = () => until(world, async () => (await coordinator.view(id)).round === silentIn);
  return { world, id, ended, waiting, get, refusal };
}

it("the adapter of each round that has taught one downloads to the bit, the last by default", async () => {
  const { get, ended } = await run(teaching, { name: "Émoji 🙂: style" });
  await ended();
  const list = await (await get("adapters")).json();
  expect(list).toEqual([2, 3].map((round) => ({ round, bytes: expect.any(Number) })));
  for (const [query, round] of [["", 3] as const, ["?round=2", 2] as const]) {
    const response = await get(`adapter.zip${query}`);
    expect(response.headers.get("content-type")).toBe("application/zip");
    const saved = response.headers.get("content-disposition") ?? "";
    const name = `Émoji-style-round-${round}-adapter.zip`;
    expect(saved.endsWith(`filename*=UTF-8''${encodeURIComponent(name)}`)).toBe(true);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(list).toContainEqual({ round, bytes: bytes.length });
    const { arrays } = decodeSafetensors(unzipSync(bytes)["pytorch_lora_weights.safetensors"]);
    expect(arrays).toEqual(lessonOf(round));
    expect(writePeft(readPeft(arrays)).config).toMatchObject({ r: 1, lora_alpha: 1 });
  }
});

it("a round's adapter is there once the round has ended, and not before", async () => {
  const second = await run(teaching, { silentIn: 2 });
  await second.waiting();
  expect(await (await second.get("adapters")).json()).toEqual([]);
  expect(await second.refusal("adapter.zip")).toEqual([
    404,
    "not-found",
    expect.stringMatching(/“Test” has no adapter: .* once a round has ended/),
  ]);
  server?.close();
  // What the second round has taught is part of the third one's state from its start.
  const third = await run(teaching, { silentIn: 3 });
  await third.waiting();
  expect(await (await third.get("adapters")).json()).toEqual([
    { round: 2, bytes: expect.any(Number) },
  ]);
  expect((await third.refusal("adapter.zip?round=3"))[0]).toBe(404);
});

it("a round without an adapter is told from a number that is none, with those to use", async () => {
  const { refusal, ended } = await run(teaching);
  await ended();
  for (const round of [1, 9])
    expect(await refusal(`adapter.zip?round=${round}`)).toEqual([
      404,
      "not-found",
      `Round ${round} of “Test” has no adapter: use one of 2, 3.`,
    ]);
  for (const round of ["0", "1.5", "last", ""])
    expect(await refusal(`adapter.zip?round=${round}`)).toEqual([
      400,
      "bad-config",
      expect.stringMatching(/^round: /),
    ]);
});

it("a strategy that trains no adapter says so", async () => {
  const { get, refusal, ended } = await run(counterServer);
  await ended();
  expect(await (await get("adapters")).json()).toEqual([]);
  expect(await refusal("adapter.zip?round=2")).toEqual([
    404,
    "not-found",
    expect.stringContaining("counter"),
  ]);
});

it("a round whose state has been cleared away has no adapter any more", async () => {
  const { world, id, get, refusal, ended } = await run(teaching);
  await ended();
  const [, second] = await world.store.rounds(id);
  const { has, get: read } = world.blobs;
  const gone = blobHash(second.stateHash ?? "");
  world.blobs.has = async (hash) => hash !== gone && has(hash);
  world.blobs.get = async (hash) => {
    if (hash === gone) throw new TandemError("not-found", "no such blob");
    return read(hash);
  };
  expect(await (await get("adapters")).json()).toEqual([{ round: 3, bytes: expect.any(Number) }]);
  expect((await refusal("adapter.zip?round=2"))[2]).toMatch(/use one of 3\.$/);
});

it("an adapter that cannot be read hides none of the others, and says what is wrong with it", async () => {
  const broken = { ...lessonOf(3), "unet.conv.lora_B.weight": f32([2, 1], [1, Number.NaN]) };
  const { get, refusal, ended } = await run({
    ...teaching,
    adapter: ({ arrays }) => {
      if (Object.keys(arrays).length === 0) return undefined;
      return arrays["unet.conv.lora_A.weight"].data[0] === 3 ? broken : arrays;
    },
  });
  await ended();
  const problem = expect.stringMatching(
    /^The adapter of round 3 cannot be read: "unet.conv.lora_B.weight": value 1 of 2 is NaN/,
  );
  for (const _ of ["once", "again"])
    expect(await (await get("adapters")).json()).toEqual([
      { round: 2, bytes: expect.any(Number) },
      { round: 3, problem },
    ]);
  expect((await get("adapter.zip?round=2")).status).toBe(200);
  // The last is what was asked for: an older one in its place would go unnoticed.
  for (const query of ["", "?round=3"])
    expect((await refusal(`adapter.zip${query}`)).slice(1)).toEqual(["bad-data", problem]);
  expect((await refusal("adapter.zip?round=1"))[2]).toMatch(/use one of 2\.$/);
});
