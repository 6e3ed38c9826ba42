import { expect } from "@playwright/test";
import { startFleet } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import { signing } from "@tandem/coordinator/testing/signing";
import type { Payload } from "@tandem/core/payload";
import { f32 } from "@tandem/core/tensor";
import { protocolVersion } from "@tandem/protocol/events";
import { encodePayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { connectSocket } from "@tandem/transport/socket-client";
import { io } from "socket.io-client";
import { launch, sharedServer, test, tiny } from "./harness";

const server = sharedServer();

test("bad uploads are refused with a reason and the round completes", async ({ browser }) => {
  const experiment = await launch(server, tiny({ rounds: 1, minClients: 3 }));
  const clients = [0, 1].map((slot) => ({ slot, backend: "wasm" as const, name: `Tab ${slot}` }));
  const fleet = await startFleet({ url: server.url, experiment, clients, browser });

  const channel = signing(connectSocket({ url: server.url }));
  await new Promise<void>((resolve) => channel.onConnection((online) => online && resolve()));
  const instructed = new Promise<{ readonly round: number; readonly hash: never }>((resolve) => {
    channel.on("instruct", resolve as never);
  });
  const joined = await channel.request("join", {
    version: protocolVersion,
    experiment: experiment as never,
    slot: 4,
    name: "Mallory",
    device: "Node",
  });
  if (!joined.ok) throw new Error(joined.error.message);
  await channel.request("ready", { samples: 50, device: "Node" });
  const { round, hash } = await instructed;
  const honest = answer(await unpackPayload(await channel.getBlob(hash)), joined.classes.length);

  const put = (bytes: Uint8Array, token = joined.token) => channel.putBlob(bytes, token);
  const upload = async (payload: Payload, wanted = round) => {
    const reply = await channel.upload({
      round: wanted,
      hash: await put(encodePayload(payload)),
      metrics: {},
    });
    return reply.ok ? reply : reply.error;
  };
  const withArray = (name: string, array: Payload["arrays"][string]): Payload => ({
    ...honest,
    arrays: { ...honest.arrays, [name]: array },
  });
  const probabilities = honest.arrays["p/text"];

  expect(await upload(withArray("p/text", f32([1, 2], [0.5, 0.5])))).toMatchObject({
    code: "bad-upload",
    message: expect.stringContaining("p/text"),
  });
  const broken = f32(probabilities.shape, Array.from(probabilities.data as Float32Array));
  broken.data[3] = Number.NaN;
  expect(await upload(withArray("p/text", broken))).toMatchObject({
    code: "bad-data",
    message: expect.stringContaining("finite"),
  });
  expect(await upload(withArray("extra", f32([1], [1])))).toMatchObject({ code: "bad-upload" });
  expect(await upload(honest, round + 1)).toMatchObject({ code: "stale" });
  await expect(put(new Uint8Array(2 ** 23 + 1))).rejects.toMatchObject({ code: "too-large" });
  await expect(put(encodePayload(honest), "x".repeat(32))).rejects.toMatchObject({
    code: "unauthorised",
  });
  expect(await channel.upload({ round, hash: "0".repeat(64) as never, metrics: {} })).toMatchObject(
    { ok: false, error: { code: "not-found" } },
  );
  expect(await malformed()).toMatchObject({ ok: false, error: { code: "bad-message" } });

  const before = await server.api.view(experiment);
  expect(before.rounds[0].refused).toBeGreaterThanOrEqual(3);
  expect(await upload(honest)).toEqual({ ok: true, duplicate: false });
  expect(await upload(honest)).toEqual({ ok: true, duplicate: true });

  const finished = await follow(server.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 120_000,
  });
  expect(finished.rounds[0].uploads).toBe(3);
  channel.close();
  await fleet.close();
});

/** A well-formed answer of a captions client that knows nothing: uniform, with equal embeddings. */
function answer(instruction: Payload, classes: number): Payload {
  const set = Number(instruction.meta.set);
  const count = (instruction.meta.labels as readonly number[]).length;
  const dimension = 64;
  const unit = Array.from({ length: count * dimension }, () => 1 / Math.sqrt(dimension));
  return {
    arrays: {
      "p/text": f32([count, classes], new Array(count * classes).fill(1 / classes)),
      "z/text": f32([count, dimension], unit),
    },
    meta: { set },
  };
}

/** A request that breaks the contract, sent past our own client. */
async function malformed(): Promise<unknown> {
  const socket = io(server.url, { transports: ["websocket"] });
  try {
    return await socket.timeout(10_000).emitWithAck("join", { version: "one", slot: -1 });
  } finally {
    socket.close();
  }
}
