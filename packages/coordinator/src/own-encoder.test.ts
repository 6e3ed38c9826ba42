import type { ClientModality } from "@tandem/core/data";
import type { FederatedData } from "@tandem/core/federated-data";
import { blobHash } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { encoder } from "@tandem/datasets/testing/fruit-task";
import { protocolVersion, requests } from "@tandem/protocol/events";
import { expect, it } from "vitest";
import { whyNoOwnEncoder } from "./own-encoder";
import { createClient, createWorld, experiment, openCoordinator, ownTerms } from "./testing/world";

const terms = { ...ownTerms, modalities: ["image", "text", "image-text"] } as const;

async function study(
  own?: NonNullable<Parameters<typeof createWorld>[0]>["own"],
  config: JsonObject = {},
) {
  const world = createWorld(own && { own });
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(experiment({ slots: 4, ...config }));
  const ask = (wish: JsonObject) => {
    const { channel } = createClient(world, coordinator, id, { slot: 0 });
    const body = { version: protocolVersion, experiment: id, device: "test", ...wish };
    return channel.request("join", requests.join.request.parse(body));
  };
  return { coordinator, id, ask };
}
const holding = (modality: ClientModality) => ({ own: { modality, samples: 40, heldOut: 10 } });
const brings = { ownEncoder: true };

it("who brings an encoder of their own trains it, whatever the others train", async () => {
  const { coordinator, id, ask } = await study({ terms, hasTest: false });
  expect((await coordinator.vacancies(id)).ownEncoder).toBe(true);
  expect(await ask({ ...holding("image"), ...brings })).toMatchObject({
    architecture: "own-layers",
  });
  expect(await ask({ ...holding("image-text"), ...brings })).toMatchObject({
    architecture: "dual-own-layers-bag",
  });
  expect(await ask(holding("image"))).toMatchObject({ architecture: "small" });
  const ofTexts = await ask({ ...holding("text"), ...brings });
  expect(ofTexts).toMatchObject({ error: { message: expect.stringMatching(/is for texts/) } });
});

it("it is not chosen by the device, and nothing is said of its step", async () => {
  const { ask } = await study({ terms, hasTest: false });
  const own = { ...holding("image").own, device: { backend: "wasm", stepMs: 20 } };
  const reply = await ask({ own, ...brings });
  expect(reply).toMatchObject({ architecture: "own-layers" });
  expect(reply).not.toHaveProperty("chosen");
  expect(await ask({ own })).toMatchObject({ architecture: "small", chosen: { stepMs: 20 } });
});

it("a place that is dealt its data is one for pictures then", async () => {
  const { ask } = await study();
  for (const slot of [0, 2])
    expect(await ask(brings)).toMatchObject({
      slot,
      modality: "image",
      architecture: "own-layers",
    });
  expect(await ask(brings)).toMatchObject({ error: { code: "full" } });
  expect(await ask({ ...brings, slot: 1 })).toMatchObject({ error: { code: "not-supported" } });
  expect(await ask({ modality: "text" })).toMatchObject({ slot: 1, architecture: "any" });
});

it("who comes back with one, or without, is another client at the same place", async () => {
  const { coordinator, id, ask } = await study({ terms, hasTest: false });
  const token = async (wish: JsonObject) => {
    const reply = await ask({ ...holding("image"), ...wish });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply;
  };
  const first = await token(brings);
  const same = await token({ ...brings, token: first.token });
  expect(same.client).toBe(first.client);
  const without = await token({ token: first.token });
  expect(without).toMatchObject({ slot: first.slot, architecture: "small" });
  expect(without.token).not.toBe(first.token);
  const { clients } = await coordinator.view(id);
  expect(clients.map(({ status }) => status)).toEqual(["joined"]);
});

it.each<[string, object, JsonObject, RegExp]>([
  ["weights are averaged", {}, { strategy: "equal-counter" }, /averages the weights of equal/],
  ["the study has an encoder", { encoder }, {}, /model of pictures that all participants use/],
  ["there are no pictures", { modalities: ["text"] }, {}, /has no pictures/],
])("it is refused where %s, and not offered", async (_, change, config, message) => {
  const own = { terms: { ...terms, ...change }, hasTest: false };
  const { coordinator, id, ask } = await study(own, config);
  expect((await coordinator.vacancies(id)).ownEncoder).toBe(false);
  const modality = own.terms.modalities.includes("image") ? "image" : "text";
  expect(await ask({ ...holding(modality), ...brings })).toMatchObject({
    error: { code: "not-supported", message: expect.stringMatching(message) },
  });
  expect(await ask(holding(modality))).toMatchObject({ ok: true });
});

it("it is not offered where all weights are uploaded, though models may differ", async () => {
  const data: FederatedData = {
    classes: ["cat", "dog"],
    slots: [{ modality: "image", source: "test", samples: 10 }],
    vocabulary: { hash: blobHash("0".repeat(64)), bytes: 2 },
  };
  const needs = { teacher: true, equalArchitectures: false, modalities: ["image"] } as const;
  expect(whyNoOwnEncoder(needs, data)).toBeUndefined();
  expect(whyNoOwnEncoder({ ...needs, sendsWeights: true }, data)).toMatch(/averages the weights/);
});
