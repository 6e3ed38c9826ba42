import type { ClientModality } from "@tandem/core/data";
import type { JsonObject } from "@tandem/core/json";
import { maxSamples, protocolVersion, requests } from "@tandem/protocol/events";
import { describe, expect, it } from "vitest";
import {
  createClient,
  createWorld,
  experiment,
  openCoordinator,
  until,
  value,
} from "./testing/world";

const terms = {
  task: "task-a",
  modalities: ["image", "text"],
  architectures: {
    image: ["small", "wide"],
    text: ["bag", "gru"],
    "image-text": ["dual"],
  },
  steps: { small: 1, wide: 2, bag: 0.2, gru: 1.4, dual: 3 },
  least: { participant: 20, class: 5 },
  pictures: { size: 32, colour: true, background: 255 },
} as const;

/** An experiment whose participants bring data, and how to join it. */
async function study(options: { readonly hasTest?: boolean; readonly config?: JsonObject } = {}) {
  const { hasTest = false, config = {} } = options;
  const world = createWorld({ own: { terms, hasTest } });
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(experiment({ minClients: 1, rounds: 1, ...config }));
  const client = (
    slot: number,
    modality: ClientModality,
    own: { readonly samples?: number; readonly heldOut?: number; readonly token?: string } = {},
  ) => {
    const { samples = 40, heldOut = 10, token } = own;
    return createClient(world, coordinator, id, {
      slot,
      own: { modality, samples, heldOut },
      ...(token !== undefined && { token }),
    });
  };
  /** What a stranger is told. */
  const ask = (wish: JsonObject) => {
    const stranger = createClient(world, coordinator, id, { slot: 0 });
    const body = { version: protocolVersion, experiment: id, device: "test", ...wish };
    return stranger.channel.request("join", requests.join.request.parse(body));
  };
  const ended = () => until(world, async () => (await coordinator.view(id)).status === "finished");
  return { world, coordinator, id, client, ask, ended };
}

describe("a client with data of its own", () => {
  it("has any free place with its modality, and the architectures of it in turn", async () => {
    const { coordinator, id, ask } = await study({ config: { slots: 5 } });
    const kinds = ["text", "image", "image", "text", "image"] as const;
    const replies = [];
    for (const modality of kinds)
      replies.push(await ask({ own: { modality, samples: 40, heldOut: 10 } }));
    expect(replies).toMatchObject([
      { slot: 0, modality: "text", architecture: "bag" },
      { slot: 1, modality: "image", architecture: "small" },
      { slot: 2, modality: "image", architecture: "wide" },
      { slot: 3, modality: "text", architecture: "gru" },
      { slot: 4, modality: "image", architecture: "small" },
    ]);
    for (const reply of replies) {
      expect(requests.join.reply.parse(reply)).toEqual(reply);
      expect(reply).not.toHaveProperty("shard");
      expect(reply).not.toHaveProperty("test");
    }
    const { clients, measuredOn } = await coordinator.view(id);
    expect(measuredOn).toBe("held-out");
    expect(clients[2]).toMatchObject({ samples: 40, heldOut: 10, source: "own data" });
    expect(await ask({ own: { modality: "text", samples: 40, heldOut: 10 } })).toMatchObject({
      error: { code: "full", message: expect.stringContaining("All 5 places") },
    });
  });

  it("has the largest architecture that its device manages, and is told among which", async () => {
    const { ask } = await study({ config: { slots: 6 } });
    const joined = async (device: JsonObject, modality: ClientModality = "image") => {
      const reply = await ask({ own: { modality, samples: 40, heldOut: 10, device } });
      expect(requests.join.reply.parse(reply)).toEqual(reply);
      return reply;
    };
    expect(await joined({ backend: "wasm", stepMs: 20 })).toMatchObject({
      architecture: "wide",
      chosen: { among: ["small", "wide"], stepMs: 40, budgetMs: 100 },
    });
    expect(await joined({ backend: "wasm", stepMs: 80 })).toMatchObject({
      architecture: "small",
      chosen: { stepMs: 80 },
    });
    expect(await joined({ backend: "cpu" })).toMatchObject({ architecture: "small" });
    expect(await joined({ backend: "webgl", memory: 4 }, "text")).toMatchObject({
      architecture: "gru",
      chosen: { among: ["bag", "gru"], stepMs: 35 },
    });
    const first = await joined({ backend: "wasm", stepMs: 20 });
    const { token } = first as { readonly token: string };
    const own = { modality: "image", samples: 44, heldOut: 10 };
    expect(await ask({ token, own: { ...own, device: { backend: "cpu" } } })).toMatchObject({
      architecture: "wide", // what it has begun with
      chosen: { stepMs: 1600 },
    });
    expect(await ask({ token, own })).not.toHaveProperty("chosen");
  });

  it("has the first architecture where all have to be equal", async () => {
    const { ask } = await study({ config: { strategy: "equal-counter" } });
    const device = { backend: "webgpu", stepMs: 1 };
    const reply = await ask({ own: { modality: "image", samples: 40, heldOut: 10, device } });
    expect(reply).toMatchObject({ architecture: "small" });
    expect(reply).not.toHaveProperty("chosen");
    for (let i = 0; i < 2; i++)
      expect(await ask({ own: { modality: "image", samples: 40, heldOut: 10 } })).toMatchObject({
        architecture: "small",
      });
  });

  it("is measured on the public test set where there is one", async () => {
    const { coordinator, id, ask, client, ended } = await study({ hasTest: true });
    const first = client(0, "image", { heldOut: 0 });
    expect(await first.join()).toBe(true);
    expect(await ask({ own: { modality: "text", samples: 30, heldOut: 2 } })).toMatchObject({
      test: { bytes: 4 },
    });
    await coordinator.start(id);
    await ended();
    const { clients, measuredOn, rounds } = await coordinator.view(id);
    expect(measuredOn).toBe("public");
    expect(clients[0]).toMatchObject({ accuracy: 0.1 });
    expect(clients[0]).not.toHaveProperty("heldOut");
    expect(rounds[0].metrics["accuracy/mean"]).toBe(0.1);
  });

  it("comes back with its token to its place, and with what it now brings", async () => {
    const { coordinator, id, client } = await study();
    const first = client(1, "text");
    await client(0, "text").join();
    await first.join();
    const token = first.token() ?? "";
    first.channel.close();
    expect(await client(1, "text", { samples: 44, heldOut: 11, token }).join()).toBe(true);
    const { clients } = await coordinator.view(id);
    expect(clients).toHaveLength(2);
    expect(clients[1]).toMatchObject({
      architecture: "gru",
      samples: 44,
      heldOut: 11,
      status: "ready",
    });
  });

  it("that has come to hold something else is another, and the place is its own", async () => {
    const { coordinator, id, client } = await study();
    const first = client(0, "text");
    await first.join();
    const token = first.token() ?? "";
    const again = client(0, "image", { token });
    expect(await again.join()).toBe(true);
    expect(again.token()).not.toBe(token);
    const { clients } = await coordinator.view(id);
    expect(clients).toMatchObject([{ modality: "image", architecture: "small", status: "ready" }]);
    await expect(first.upload(1, value(1))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is refused with what to do where the study wants something else", async () => {
    const { ask } = await study();
    const { ask: withTest } = await study({ hasTest: true });
    const own = (modality: ClientModality, samples: number, heldOut: number) => ({
      own: { modality, samples, heldOut },
    });
    for (const [wish, message] of [
      [{}, /your pictures or texts, at least 20, then join/],
      [own("image-text", 40, 10), /takes pictures or texts, not pictures with texts/],
      [own("image", 14, 3), /at least 20 samples .* you bring 17 \(14 .* 3 held out\): add 3 more/],
      [own("image", 40, 0), /no test set.*add a second sample/],
    ] as const)
      expect(await ask(wish)).toMatchObject({
        ok: false,
        error: { code: "bad-data", message: expect.stringMatching(message) },
      });
    expect(await withTest(own("image", 20, 0))).toMatchObject({ ok: true });
    const dealt = openCoordinator(createWorld());
    const { id } = await dealt.create(experiment());
    const stranger = createClient(createWorld(), dealt, id, { slot: 0 });
    const join = { version: protocolVersion, experiment: id, device: "test" };
    expect(
      await stranger.channel.request("join", { ...join, ...own("image", 40, 10) }),
    ).toMatchObject({
      error: {
        code: "not-supported",
        message: expect.stringMatching(/without data of your own/),
      },
    });
  });

  it("claims no more than can be, and afterwards nothing else", async () => {
    const join = { version: protocolVersion, experiment: "e", device: "test" };
    const parsed = (own: unknown) => requests.join.request.safeParse({ ...join, own }).success;
    const fine = { modality: "image", samples: maxSamples, heldOut: 0 };
    expect(parsed(fine)).toBe(true);
    for (const wrong of [
      { samples: maxSamples + 1 },
      { samples: 0 },
      { samples: 1.5 },
      { heldOut: -1 },
      { heldOut: maxSamples + 1 },
      { modality: "sound" },
      { classes: [1, 2] },
      ...[
        {},
        { backend: "abacus" },
        { backend: "wasm", stepMs: 0 },
        { backend: "wasm", stepMs: 1e7 },
        { backend: "wasm", memory: -1 },
        { backend: "wasm", memory: 4096 },
        { backend: "wasm", architecture: "wide" },
      ].map((device) => ({ device })),
    ])
      expect(parsed({ ...fine, ...wrong })).toBe(false);
    const { client } = await study();
    const first = client(0, "image");
    await first.join();
    const ready = { samples: 4000, device: "test" };
    expect(await first.channel.request("ready", ready)).toMatchObject({
      error: { code: "bad-data", message: expect.stringMatching(/40 samples .* have 4000/) },
    });
  });
});

it("the mean is of all held-out samples, and who has too few of them is nowhere to be seen", async () => {
  const { world, coordinator, id, client, ended } = await study({
    config: { slots: 3, minClients: 3 },
  });
  // Accuracies 0.1, 0.2 and 0.3, as places have it.
  for (const [slot, heldOut] of [30, 10, 4].entries())
    expect(await client(slot, slot === 0 ? "image" : "text", { heldOut }).join()).toBe(true);
  await coordinator.start(id);
  await ended();
  const { clients, rounds } = await coordinator.view(id);
  expect(rounds[0]).toMatchObject({ cohort: 3, uploads: 3 });
  const { metrics } = rounds[0];
  expect(metrics["accuracy/mean"]).toBeCloseTo((30 * 0.1 + 10 * 0.2) / 40);
  expect(metrics["accuracy/std"]).toBeCloseTo(Math.sqrt((30 * 0.025 ** 2 + 10 * 0.075 ** 2) / 40));
  expect(metrics["accuracy/text"]).toBeCloseTo(0.2);
  expect(clients.map(({ accuracy }) => accuracy)).toEqual([0.1, 0.2, undefined]);
  const kept = await world.store.metrics(id);
  expect(kept.filter((one) => one.client === clients[2].id)).toEqual([
    { round: 1, client: clients[2].id, metrics: {} },
  ]);
});
