import {
  createWorld,
  experiment,
  openCoordinator,
  ownTerms,
  until,
} from "@tandem/coordinator/testing/world";
import type { Payload } from "@tandem/core/payload";
import { f32 } from "@tandem/core/tensor";
import { protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { decodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { strategyNamed } from "@tandem/strategies/registry";
import { expect, it } from "vitest";

/** The head of a model of pictures, with this in every weight. */
const head = (of: number): Payload => ({
  arrays: { "image.head.weight": f32([1, 2], [of, of]), "image.head.bias": f32([2], [of, of]) },
  meta: {},
});

const million = 1_000_000;
const own = (samples: number) => ({ modality: "image", samples, heldOut: 10 }) as const;
type Wish = Partial<TandemRequests["join"]["request"]>;
/** What the weights of two honest clients (0) and one liar (1) become in a round. */
async function meanOf(
  strategy: string,
  hasOwn: boolean,
  wishes: readonly Wish[],
  claims: number[],
) {
  const server = strategyNamed(strategy).server({} as never); // these read none of their settings
  const world = createWorld({ server, ...(hasOwn && { own: { terms: ownTerms, hasTest: true } }) });
  const coordinator = openCoordinator(world);
  const config = { slots: 6, minClients: 3, rounds: 1, mostSamples: 60 };
  const { id } = await coordinator.create(experiment(config));
  for (const [i, wish] of wishes.entries()) {
    const { client, server: connection } = world.pair({
      blobs: world.blobs,
      meter: coordinator.meter,
    });
    coordinator.connect(connection);
    const join = { version: protocolVersion, experiment: id, device: "test", ...wish };
    const reply = await client.request("join", join);
    if (!reply.ok) throw new Error(reply.error.message);
    client.on("instruct", async ({ round }) => {
      const hash = await client.putBlob(await packPayload(head(i === 2 ? 1 : 0)), reply.token);
      await client.upload({ round, hash, metrics: {} });
    });
    await client.request("ready", { samples: claims[i], device: "test" });
  }
  await coordinator.start(id);
  await until(world, async () => (await coordinator.view(id)).status === "finished");
  const { state } = await world.store.get(id);
  const { arrays } = decodePayload(await world.blobs.get(state.strategyState as never)); // its name
  return Object.values(arrays)[0].data[0];
}

it.each(["fedavg", "fedprox", "lg-fedavg"])(
  "with %s whoever says to have a million samples moves the mean no further than it may",
  async (strategy) => {
    const dealt = [0, 2, 4].map((slot) => ({ slot }));
    expect(await meanOf(strategy, false, dealt, [10, 10, million])).toBeCloseTo(1 / 3);
    const brought = [own(30), own(30), own(million)].map((one) => ({ own: one }));
    expect(await meanOf(strategy, true, brought, [30, 30, million])).toBeCloseTo(60 / 120);
  },
);
