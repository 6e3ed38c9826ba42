import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { experiment } from "@tandem/coordinator/testing/world";
import { protocolVersion } from "@tandem/protocol/events";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { openServer as open } from "./testing/open-server";

test.each(["websocket", "polling"])(
  "a page of another site neither takes part nor looks on over %s",
  async (transport) => {
    const { url, coordinator } = await open();
    const { id } = await coordinator.create(experiment());
    const options = {
      transports: [transport],
      extraHeaders: { origin: "https://elsewhere.example" },
    };
    const socket = io(url, { ...options, reconnection: false, forceNew: true });
    onTestFinished(() => void socket.close());
    await once(socket as never, "connect");
    const heard: string[] = [];
    socket.onAny((event) => heard.push(event));
    const join = { version: protocolVersion, experiment: id, device: "test" };
    for (const [event, body] of [
      ["join", join],
      ["watch", { experiment: id }],
    ])
      expect(await socket.emitWithAck(event as string, body)).toMatchObject({
        ok: false,
        error: { code: "forbidden" },
      });
    await coordinator.start(id);
    await sleep(300);
    expect(heard).toEqual([]);
    expect((await coordinator.view(id)).clients).toEqual([]);
    // What it is told is not free either.
    for (let i = 0; i < 1000; i++) socket.emit("watch", { experiment: id });
    await once(socket as never, "disconnect");
    expect(heard).toEqual(["cut"]);
  },
);

test("whoever sends events without end is cut off, and it shows in the metrics", async () => {
  const { url, coordinator } = await open();
  const { id } = await coordinator.create(experiment());
  const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
  onTestFinished(() => void socket.close());
  await once(socket as never, "connect");
  const told = once(socket as never, "cut");
  let answered = 0;
  for (let i = 0; i < 20_000; i++)
    socket.emit(i % 2 ? "watch" : "none", { experiment: id }, () => answered++);
  expect((await told)[0]).toMatchObject({ code: "too-many" });
  expect(answered).toBeLessThan(400);
  const said = await (await fetch(`${url}/metrics`)).text();
  expect(said).toContain('tandem_http_turned_away_total{reason="socket too-many"} 1');
});
