import { blobHash, type ExperimentId } from "@tandem/core/ids";
import { eraseStatement } from "@tandem/protocol/device-key";
import { type JoinReply, protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { decodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { createMemoryPair } from "@tandem/transport/memory";
import { hashToken } from "../tokens";
import { believing } from "./believing-server";
import { signing, testKey } from "./signing";
import { createStoredWorld } from "./stored-world";
import { experiment, openCoordinator, until, value } from "./world";

export type World = ReturnType<typeof createStoredWorld>;
type Key = ReturnType<typeof testKey>;
type Coordinator = ReturnType<typeof openCoordinator>;

/** A channel of its own, over which somebody with this key asks for erasure. */
export function visitor({ world, coordinator, id }: Study, key: Key = testKey()) {
  const pair = createMemoryPair(world);
  coordinator.connect(pair.server);
  const channel = signing(pair.client, key);
  const told: string[] = [];
  channel.on("dismissed", ({ reason }) => told.push(reason));
  async function erase(token?: string, by: Key = key): Promise<TandemRequests["erase"]["reply"]> {
    const reply = await channel.request("challenge", {});
    if (!reply.ok) throw new Error("no challenge");
    const { challenge } = reply;
    const proof = by.signNow(eraseStatement({ experiment: id, challenge, token }));
    const body = { experiment: id, key: { public: by.public, proof } };
    return channel.request("erase", { ...body, ...(token && { token }) });
  }
  return { channel, key, told, erase };
}

/** Somebody who answers what is asked with this value, until told to be silent. */
export async function participant(
  study: Study,
  name: string,
  answer: (round: number) => number | null,
) {
  const { world, coordinator, id } = study;
  const own = visitor(study);
  const uploads: string[] = [];
  let token = "";
  own.channel.on("instruct", async ({ round }) => {
    const of = answer(round);
    if (of === null) return;
    const hash = await world.blobs.put(await packPayload(value(of)));
    uploads.push(hash);
    await own.channel.upload({ round, hash, metrics: { accuracy: of / 100 } });
  });
  const device = `device of ${name}`;
  const join = { version: protocolVersion, experiment: id, device, name };
  const reply = await own.channel.request("join", join);
  if (!reply.ok) throw new Error(reply.error.message);
  token = reply.token;
  await own.channel.request("ready", { samples: 10, device, speed: 10 });
  const words = () => [name, device, hashToken(token), own.key.public, ...uploads];
  return { ...own, ...(reply as JoinReply), coordinator, words, uploads, join, token };
}

export type Study = {
  readonly world: World;
  readonly coordinator: Coordinator;
  readonly id: ExperimentId;
};

export async function study(
  config = {},
  world: World = createStoredWorld({}, { server: believing() }),
) {
  const coordinator = openCoordinator(world);
  const all = { slots: 6, minClients: 2, rounds: 2, deadlineMs: 3_600_000, ...config };
  const { id } = await coordinator.create(experiment(all));
  return { world, coordinator, id };
}

/** All that is stored, as text. */
export async function everything({ world: { store, archive }, id }: Study): Promise<string> {
  const { events, rounds, clients, metrics, applicants } = store;
  const rows = await Promise.all(
    [events, rounds, clients, metrics, applicants].map((read) => read(id)),
  );
  const blobs = await Promise.all(
    (await archive.list()).map(async ({ hash }) => [
      hash,
      Buffer.from(await archive.get(hash)).toString("latin1"),
    ]),
  );
  return JSON.stringify([await store.get(id), ...rows, blobs]);
}
export const foundIn = (text: string, words: readonly string[]) =>
  words.filter((word) => text.includes(word));

export const reached = ({ world, coordinator, id }: Study, round: number, phase: string) =>
  until(world, async () => {
    const view = await coordinator.view(id);
    return view.round === round && view.phase === phase;
  });
export const ended = ({ world, coordinator, id }: Study) =>
  until(world, async () => (await coordinator.view(id)).status === "finished");
export const totalOf = async ({ world: { store, archive }, id }: Study) => {
  const { state } = await store.get(id);
  return decodePayload(await archive.get(blobHash(String(state.strategyState)))).meta.total;
};

/** Ada, who is to be erased, with Grace in a study that has ended. */
export async function overWith(config = {}) {
  const given = await study(config);
  const [ada, grace] = [
    await participant(given, "Ada", () => 3),
    await participant(given, "Grace", () => 5),
  ];
  await given.coordinator.start(given.id);
  await ended(given);
  return { given, ada, grace };
}

export type Over = Awaited<ReturnType<typeof overWith>>;
