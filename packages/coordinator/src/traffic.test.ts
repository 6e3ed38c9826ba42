import { protocolVersion } from "@tandem/protocol/events";
import { createMemoryPair } from "@tandem/transport/memory";
import { expect, it } from "vitest";
import { signing } from "./testing/signing";
import { createWorld, experiment, openCoordinator } from "./testing/world";

/** An experiment of one place, and what joins it over a new connection of its own. */
async function place() {
  const world = createWorld();
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(experiment({ slots: 1, minClients: 1 }));
  const connect = () => {
    const { client: channel, server } = createMemoryPair(world);
    const client = signing(channel);
    coordinator.connect(server);
    const join = async (token?: string) => {
      const reply = await client.request("join", {
        version: protocolVersion,
        experiment: id,
        device: "test",
        ...(token !== undefined && { token }),
      });
      if (!reply.ok) throw new Error(reply.error.message);
      return reply.token;
    };
    const ready = (speed: number) =>
      client.request("ready", { samples: 10, device: "test", speed });
    return { client, server, join, ready };
  };
  const sent = async () => (await coordinator.view(id)).clients[0].bytesUp;
  return { connect, sent };
}

it("a connection's bytes count once, however often its client joins over it", async () => {
  const { connect, sent } = await place();
  const { server, join, ready } = connect();
  const token = await join();
  await join(token);
  await ready(1);
  expect(await sent()).toBe(server.bytes.up);
  await join(token);
  await ready(2);
  expect(await sent()).toBe(server.bytes.up);
});

it("what came over a connection counts also when the client goes on over another one", async () => {
  const { connect, sent } = await place();
  const [first, second] = [connect(), connect()];
  const token = await first.join();
  await first.client.request("progress", { round: 1, stage: "train", fraction: 0.5 });
  await second.join(token);
  await second.ready(1);
  expect(await sent()).toBe(first.server.bytes.up + second.server.bytes.up);
});
