import { begin, counterServer, createWorld } from "@tandem/coordinator/testing/world";
import type { ServerHalf } from "@tandem/core/strategy";
import { u8 } from "@tandem/core/tensor";
import type { ClientCurvesView, EventLogView, GalleryView } from "@tandem/protocol/live-view";
import { decodeSheet } from "@tandem/protocol/sheet";
import { expect, it } from "vitest";
import { galleryRoutes } from "./gallery-routes";
import { liveRoutes } from "./live-routes";
import { serveRest } from "./testing/rest";

const count = 40;
const pictures = u8(
  [count, 1, 1, 3],
  Array.from({ length: 3 * count }, (_, i) => i),
);
const showing: ServerHalf = {
  ...counterServer,
  init: async () => ({ arrays: { images: pictures }, meta: {}, encoding: { images: "png" } }),
  instruct: ({ meta }) => ({ arrays: {}, meta: { total: 0, ...meta } }),
  conclude: async (state) => ({ state, metrics: {} }),
  teach: async (state) => ({ state, metrics: {} }),
  gallery: () => ({
    images: "images",
    items: Array.from({ length: count }, (_, label) => ({ prompt: `${label}`, label })),
  }),
};

async function played(rounds = 2) {
  const world = createWorld({ server: showing });
  const { coordinator, id, clients, ended } = await begin(
    world,
    [
      undefined,
      undefined,
      (round: number) => (round === 2 ? "failure" : { arrays: {}, meta: { value: 1 } }),
    ],
    { rounds },
  );
  const { store } = world;
  const rest = await serveRest([
    ...galleryRoutes(coordinator),
    ...liveRoutes({ coordinator, store }),
  ]);
  return { clients, ended, rest, path: `experiments/${id}` };
}

it("a sheet is for good under the address that names it, and asked for again it is not sent again", async () => {
  const { rest, path, ended } = await played();
  await ended();
  const gallery = await rest.given<GalleryView>("GET", `${path}/rounds/1/gallery`);
  expect(gallery).toMatchObject({ columns: 7, partSize: 32, imageSize: 1 });
  const address = gallery.sheet.replace("/api/", "");
  const whole = await rest.ask("GET", address);
  expect(whole.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
  const bytes = new Uint8Array(await whole.arrayBuffer());
  expect(decodeSheet(bytes, [count, 1, 1, 3])).toEqual(pictures);
  const part = new Uint8Array(await (await rest.ask("GET", `${address}&part=1`)).arrayBuffer());
  expect([...decodeSheet(part, [8, 1, 1, 3]).data.slice(0, 3)]).toEqual([96, 97, 98]);

  const unnamed = await rest.ask("GET", `${path}/rounds/1/sheet.png?pictures=another`);
  expect(unnamed.headers.get("cache-control")).toBe("private, no-cache");
  const etag = unnamed.headers.get("etag") ?? "";
  const again = await fetch(unnamed.url, { headers: { "if-none-match": etag } });
  expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
});

it("what is no part, no row or no round says so", async () => {
  const { rest, path, ended } = await played(1);
  await ended();
  const refused = (query: string) => rest.refusal("GET", `${path}/rounds/${query}`);
  expect(await refused("1/sheet.png?part=2")).toMatch(/^404 .* it has 40 pictures/);
  expect(await refused("1/sheet.png?part=-1")).toMatch(/^400 bad-config part: /);
  expect(await refused("1/lessons.png?row=latest")).toMatch(/^404 .* shows no lessons/);
  expect(await refused("1/lessons.png?row=3")).toMatch(/^400 bad-config row: /);
  expect(await refused("9/sheet.png")).toMatch(/^404 .* no pictures to show/);
});

it("curves have a line a client, with holes where it has not answered", async () => {
  const { rest, path, ended } = await played();
  await ended();
  const curves = await rest.given<ClientCurvesView>("GET", `${path}/curves`);
  expect(curves.rounds).toEqual([1, 2]);
  expect(curves.clients.map(({ slot, accuracy }) => [slot, accuracy])).toEqual([
    [0, [0.1, 0.1]],
    [1, [0.2, 0.2]],
    [2, [0.3, null]],
  ]);
});

it("the log says who has come, what has happened and what has failed, the latest first", async () => {
  const { rest, path, ended, clients } = await played();
  await ended();
  await clients[0].channel.request("leave", {});
  const log = async (query = "") => {
    const { events } = await rest.given<EventLogView>("GET", `${path}/events${query}`);
    return events.map(({ type }) => type);
  };
  const all = await log();
  expect(all.slice(0, 2)).toEqual(["gone", "evaluated"]);
  expect(all.filter((type) => type === "joined")).toHaveLength(3);
  expect(all.filter((type) => type === "uploaded")).toHaveLength(5);
  expect(await log("?kind=faults")).toEqual(["failed"]);
  expect((await log("?kind=people")).every((type) => /joined|ready|left|gone/.test(type))).toBe(
    true,
  );
  const [fault] = (await rest.given<EventLogView>("GET", `${path}/events?kind=faults`)).events;
  expect(fault).toMatchObject({ round: 2, message: "out of memory" });
  expect(await rest.refusal("GET", `${path}/events?before=x`)).toMatch(/^400 bad-config before/);
});

it("the pages of the log are together all of it, and nothing twice", async () => {
  const { rest, path, ended } = await played(12);
  await ended();
  const seen: EventLogView["events"][number][] = [];
  let pages = 0;
  for (let query = ""; ; pages++) {
    const { events, before } = await rest.given<EventLogView>("GET", `${path}/events${query}`);
    seen.push(...events);
    if (before === undefined) break;
    query = `?before=${before}`;
  }
  expect(pages).toBeGreaterThan(0);
  const of = (type: string) => seen.filter((one) => one.type === type).length;
  expect([of("joined"), of("started"), of("evaluated"), of("uploaded")]).toEqual([3, 1, 12, 35]);
  const times = seen.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});
