import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { FederatedData, OwnDataTerms } from "@tandem/core/federated-data";
import { type ExperimentId, experimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { ServerHalf } from "@tandem/core/strategy";
import {
  protocolVersion,
  type TandemConnection,
  type TandemRequests,
} from "@tandem/protocol/events";
import { decodePayload, packPayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { createMemoryPair } from "@tandem/transport/memory";
import { absentTeacher } from "../absent-teacher";
import { type Coordinator, createCoordinator } from "../coordinator";
import type { BlobUpkeep, ObservedCommit, PlaceLimits } from "../ports";
import { createManualClock } from "./manual-clock";
import { type Signing, signing, type TestKey } from "./signing";

const number = (payload: Payload, name: string) => Number(payload.meta[name] ?? 0);
const total = (value: number): Payload => ({ arrays: {}, meta: { total: value } });

/** Adds up what the clients answer, and one for each round of teaching. */
export const counterServer: ServerHalf & Required<Pick<ServerHalf, "teach">> = {
  init: async () => total(0),
  instruct: (state) => state,
  outline: () => ({ arrays: {}, meta: { value: undefined } }),
  check(_client, update) {
    if (!(number(update, "value") > 0))
      throw new TandemError("bad-upload", "the value must be above zero");
  },
  accumulate: (sum, { payload }) =>
    total(number(sum ?? emptyPayload, "total") + number(payload, "value")),
  merge: (a, b) => total(number(a, "total") + number(b, "total")),
  conclude: async (state, sum) => {
    const value = number(sum, "total");
    return { state: total(number(state, "total") + value), metrics: { sum: value } };
  },
  teach: async (state) => ({
    state: total(number(state, "total") + 1),
    metrics: { "teacher/lessons": 1 },
  }),
};

type Tracked<T> = T & { pending(): number };

/** Disks, databases and hashing take real time: the test's clock must not run meanwhile. */
export function track<T extends object>(target: T): Tracked<T> {
  let pending = 0;
  const counted = async (work: Promise<unknown>) => {
    pending++;
    try {
      return await work;
    } finally {
      pending--;
    }
  };
  return new Proxy(target as Tracked<T>, {
    get(_, name) {
      if (name === "pending") return () => pending;
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => counted(member.apply(target, args));
    },
  });
}

/** What is asked of clients of pictures that bring their own. */
export const ownTerms = {
  task: "task-a",
  modalities: ["image"],
  architectures: { image: ["small"], text: ["bag"], "image-text": ["dual"] },
  steps: { small: 1, bag: 0.2, dual: 3 },
  least: { participant: 20, class: 5 },
  pictures: { size: 32, colour: true, background: 255 },
} as const satisfies OwnDataTerms;

type Own = { readonly terms: OwnDataTerms; readonly hasTest: boolean };

export type World = {
  readonly clock: ReturnType<typeof createManualClock>;
  readonly store: Tracked<ExperimentStore>;
  readonly blobs: Tracked<BlobStore>;
  readonly random: { id(): string; token(): string };
  readonly server?: ServerHalf;
  /** Clients bring data of their own. */
  readonly own?: Own;
  /** What leaves a client, as its strategy says. */
  readonly disclosure?: string;
  readonly places?: PlaceLimits;
  readonly storage?: BlobUpkeep;
  /** `key`: another device's than the others'. */
  readonly pair: (
    options: { readonly blobs: BlobStore; readonly meter: Coordinator["meter"] },
    key?: TestKey,
  ) => {
    readonly client: Signing;
    readonly server: TandemConnection;
  };
};

export const randomNames = (): World["random"] => {
  let count = 0;
  const next = (prefix: string) => `${prefix}-${String(++count).padStart(16, "0")}`;
  return { id: () => next("id"), token: () => next("token") };
};

/** All in this process, with the given stores or such that forget. */
export const createWorld = (
  options: {
    readonly store?: ExperimentStore;
    readonly blobs?: BlobStore;
    readonly server?: ServerHalf;
    readonly own?: Own;
    readonly places?: PlaceLimits;
    readonly storage?: BlobUpkeep;
  } = {},
): World => {
  const { store = createMemoryExperiments(), blobs = createMemoryBlobs(), ...rest } = options;
  return {
    clock: createManualClock(),
    store: track(store),
    blobs: track(blobs),
    random: randomNames(),
    pair(options, key) {
      const { client, server } = createMemoryPair(options);
      return { client: signing(client, key), server };
    },
    ...rest,
  };
};

export const openCoordinator = (
  world: Pick<World, "random" | "server" | "own" | "disclosure" | "places" | "storage"> & {
    readonly store: ExperimentStore;
    readonly blobs: BlobStore;
    readonly clock: Clock;
    readonly observe?: (commit: ObservedCommit) => void;
  },
): Coordinator =>
  createCoordinator({
    ...world,
    strategies: [false, true].map((equalArchitectures) => ({
      name: equalArchitectures ? "equal-counter" : "counter",
      needs: { teacher: false, equalArchitectures, modalities: ["image", "text"] },
      parse: (config) => ({ pace: "fast", ...config }),
      formerly: { pace: "slow" },
      disclosure: () => world.disclosure ?? "A number.",
      server: () => world.server ?? counterServer,
    })),
    teacher: async () => absentTeacher,
    federate: async ({ slots }, blobs) => places(slots, blobs, world.own),
    log: () => {},
  });

async function places(slots: number, blobs: BlobStore, own?: Own): Promise<FederatedData> {
  const reference = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    return { hash: await blobs.put(bytes), bytes: bytes.length };
  };
  const common = { classes: ["cat", "dog"], vocabulary: await reference("{}") };
  const test = await reference("test");
  if (own)
    return {
      ...common,
      slots: Array.from({ length: slots }, () => ({ source: "own data", samples: 0 })),
      ...(own.hasTest && { test }),
      own: own.terms,
    };
  return {
    ...common,
    slots: await Promise.all(
      Array.from({ length: slots }, async (_, slot) => ({
        modality: slot % 2 === 0 ? ("image" as const) : ("text" as const),
        architecture: "any",
        source: "test",
        samples: 10,
        shard: await reference(`shard ${slot}`),
      })),
    ),
    test,
  };
}

export const experiment = (config: JsonObject = {}): JsonObject => ({
  name: "Test",
  strategy: "counter",
  rounds: 3,
  slots: 3,
  minClients: 3,
  quorum: 0.6,
  deadlineMs: 10_000,
  ...config,
});

export type Answer = (round: number, slot: number) => Payload | "silence" | "failure";
const honest: Answer = (_, slot) => ({ arrays: {}, meta: { value: slot + 1 } });

/** A client that joins a place, and answers each instruction once. */
export function createClient(
  world: World,
  coordinator: Coordinator,
  id: ExperimentId,
  options: {
    readonly slot: number;
    readonly token?: string;
    readonly invitation?: string;
    readonly answer?: Answer;
    readonly own?: TandemRequests["join"]["request"]["own"];
  },
) {
  const { slot, invitation, answer = honest, own } = options;
  const { client: channel, server } = world.pair({
    blobs: world.blobs,
    meter: coordinator.meter,
  });
  let token = options.token;
  const replies: unknown[] = [];
  coordinator.connect(server);

  channel.on("instruct", async ({ round, hash }) => {
    const asked = await unpackPayload(await channel.getBlob(hash));
    if (typeof asked.meta.total !== "number") throw new Error("not the strategy's instruction");
    const update = answer(round, slot);
    if (update === "silence") return;
    if (update === "failure") {
      await channel.request("fail", { round, message: "out of memory" }).catch(() => {});
      return;
    }
    // A server that has crashed answers nothing; the next one asks again.
    await upload(round, update).catch(() => {});
  });

  async function upload(round: number, update: Payload) {
    const hash = await channel.putBlob(await packPayload(update), token ?? "");
    const metrics = { accuracy: (slot + 1) / 10 };
    const reply = await channel.upload({ round, hash, metrics });
    replies.push(reply);
    return reply;
  }

  return {
    channel,
    replies,
    upload,
    token: () => token,
    /** Whether the place was given and the server knows that all is loaded. */
    async join(): Promise<boolean> {
      const asked = invitation && (await coordinator.vacancies(id)).consent.hash;
      const reply = await channel.request("join", {
        version: protocolVersion,
        experiment: id,
        slot,
        device: "test",
        ...(token !== undefined && { token }),
        ...(invitation && asked && { invitation, consent: asked }),
        ...(own && { own }),
      });
      if (!reply.ok) return false;
      token = reply.token;
      const { samples } = own ?? { samples: 10 };
      return (await channel.request("ready", { samples, device: "test" })).ok;
    },
  };
}

export const value = (of: number): Payload => ({ arrays: {}, meta: { value: of } });

/** An experiment that has started, with a client in each of its first places. */
export async function begin(world: World, answers: readonly (Answer | undefined)[], config = {}) {
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(experiment(config));
  const clients = answers.map((answer, slot) =>
    createClient(world, coordinator, id, { slot, ...(answer && { answer }) }),
  );
  for (const client of clients)
    if (!(await client.join())) throw new Error("a client could not join");
  await coordinator.start(id);
  const ended = () => until(world, async () => (await coordinator.view(id)).status === "finished");
  return { coordinator, id, clients, ended };
}

/** Lets pending work run, and time pass where nothing else happens, until it is so. */
export async function until(
  world: World,
  condition: () => Promise<boolean> | boolean,
  limitMs = 600_000,
): Promise<void> {
  const end = world.clock.now() + limitMs;
  while (!(await condition())) {
    if (world.clock.now() > end) throw new Error(`not within ${limitMs} ms`);
    await settled(world);
    world.clock.advance(250);
  }
}

/** Nothing is under way any more but what waits for the clock. */
export async function settled({ blobs, store }: World): Promise<void> {
  const isQuiet = () => blobs.pending() === 0 && store.pending() === 0;
  for (let quiet = 0; quiet < 3; quiet = isQuiet() ? quiet + 1 : 0)
    await new Promise((resolve) => setImmediate(resolve));
}

export const finalState = async ({ store, blobs }: World, id: ExperimentId) => {
  const { state } = await store.get(experimentId(id));
  return decodePayload(await blobs.get(state.strategyState as never)).meta.total; // a blob's name
};
