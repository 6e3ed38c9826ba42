import { deflateSync } from "node:zlib";
import { type OwnData, openOwnData } from "@tandem/client/own-data";
import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { f32, u8 } from "@tandem/core/tensor";
import { federateTask } from "@tandem/datasets/task/federate-task";
import { fruit } from "@tandem/datasets/testing/fruit-task";
import { startNodeEngine } from "@tandem/engine/node";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { packPayload } from "@tandem/protocol/payload-codec";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { beforeAll, describe, expect, it } from "vitest";
import type { Sent } from "./observed-channel";
import { simulate } from "./simulate";
import { createCopyist } from "./testing/copyist";
import { clock, set as shipped } from "./testing/tiny-simulation";
import { tracesOf } from "./testing/traces";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const { size: side } = fruit.pictures;
const stride = side * side * 3;

/** Noise that no two pictures share, brighter where it is a pear, and captions that nobody else writes. */
function samples(
  count: number,
  seed: string,
): Required<Pick<LabelledSet, "images" | "captions">> & LabelledSet {
  const rng = createRng(seed);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
  const pixel = (i: number) => rng.integer(128) + 127 * labels[Math.floor(i / stride)];
  return {
    size: count,
    labels,
    images: u8(
      [count, side, side, 3],
      Uint8Array.from({ length: count * stride }, (_, i) => pixel(i)),
    ),
    captions: Array.from(labels, (label) => {
      const secret = rng
        .integer(2 ** 31)
        .toString(36)
        .padStart(8, "q");
      return `${label === 0 ? "apple" : "pear"} known as ${secret} to its owner`;
    }),
  };
}
const { captions: _, ...pictures } = samples(40, "pictures");
const { images: __, ...captions } = samples(30, "captions");
const own: readonly OwnData[] = await Promise.all(
  [pictures, captions, samples(20, "pairs")].map((set) =>
    openOwnData(createMemoryClientStore(), "task-fruit").keep(set),
  ),
);

async function run(strategy: string, given: readonly OwnData[] = own) {
  const sent: Sent[] = [];
  const result = await simulate({
    config: {
      name: strategy,
      strategy,
      strategyConfig: { localEpochs: 2, learningRate: 0.01 },
      dataset: "task-fruit",
      rounds: 2,
      seed: 1,
      slots: 3,
      deadlineMs: 600_000,
    },
    clients: 3,
    own: given,
    federate: (config, blobs) =>
      federateTask({ id: "task-fruit", task: fruit, createdAt: 0 }, undefined, config, blobs),
    teacher: async () => createCopyist(shipped),
    clock,
    onSent: (_slot, one) => sent.push(one),
  });
  return { ...result, sent };
}

describe.each(["local", "fedavg", "fedproto", "fd"])("%s with own data", (strategy) => {
  it("trains, measures on what is held out, and sends nothing of any sample", async () => {
    const { view, sent, metrics } = await run(strategy);
    expect(view).toMatchObject({ status: "finished", measuredOn: "held-out" });
    expect(view.clients).toMatchObject([
      { modality: "image", samples: 32, heldOut: 8 },
      { modality: "text", samples: 24, heldOut: 6 },
      { modality: "image-text", samples: 16, heldOut: 4 },
    ]);
    const [image, text, both] = view.clients.map(({ accuracy }) => accuracy);
    expect(both).toBeUndefined();
    for (const { round, uploads, metrics: of } of view.rounds) {
      expect(uploads).toBe(3);
      const [first, second, third] = view.clients.map(
        ({ id }) => metrics.find((one) => one.round === round && one.client === id)?.metrics,
      );
      expect(third).not.toHaveProperty("accuracy");
      const mean = (8 * (first?.accuracy ?? NaN) + 6 * (second?.accuracy ?? NaN)) / 14;
      expect(of["accuracy/mean"]).toBeCloseTo(mean);
    }
    expect(image).toBeGreaterThan(0.8); // brightness tells
    expect(text).toBeGreaterThan(0.8);
    expect(sent.filter((one) => "blob" in one)).toHaveLength(6);
    expect(tracesOf(own, sent)).toEqual([]);
  }, 60_000);
});

it("traces are found however a sample leaves", async () => {
  const [{ train }] = own;
  const [, { heldOut }] = own;
  const whole = train.images?.data ?? new Uint8Array();
  const caption = Buffer.from(heldOut.captions?.[2] ?? "");
  const picture = Buffer.from(whole.subarray(3 * stride, 4 * stride));
  const leaks: [Sent, RegExp][] = [
    [{ event: "progress", body: { note: `x${caption}` } }, /caption 2 of 1/],
    [
      { event: "progress", body: { note: Buffer.from(`..${caption}`).toString("base64") } },
      /caption 2 of 1/,
    ],
    [{ event: "progress", body: { note: picture.toString("base64") } }, /picture 3 of 0/],
    [{ blob: Buffer.concat([Buffer.from("head"), picture]) }, /picture 3 of 0/],
    [{ blob: Buffer.concat([Buffer.from("head"), deflateSync(picture)]) }, /picture 3 of 0/],
    [{ blob: encodeLabelledSet(train) }, /picture 31 of 0/],
    [
      { blob: await packPayload({ arrays: {}, meta: { captions: heldOut.captions ?? [] } }) },
      /caption 5 of 1/,
    ],
    [
      {
        blob: await packPayload({
          arrays: {
            a: f32(
              [stride],
              Array.from(picture, (value) => value / 255),
            ),
          },
          meta: {},
        }),
      },
      /picture 3 of 0/,
    ],
  ];
  for (const [sent, message] of leaks)
    expect(tracesOf(own, [sent]).join(", "), JSON.stringify(sent).slice(0, 80)).toMatch(message);
  expect(tracesOf(own, [{ event: "join", body: { device: "simulated" } }])).toEqual([]);
});

it("is refused where the data is pooled, or is not there for each client", async () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: "bad-config", message: expect.stringMatching(message) });
  await expect(run("centralised")).rejects.toEqual(refused(/centralised pools/));
  await expect(run("local", own.slice(1))).rejects.toEqual(refused(/data of 2 for 3 clients/));
});
