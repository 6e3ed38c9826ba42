import { handle } from "@tandem/client/handle";
import type { LabelledSet } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ClientHalf } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { argMax, rowsOf } from "@tandem/strategies/aggregation/rows";
import { strategyNamed } from "@tandem/strategies/registry";
import { beforeAll, describe, expect, it } from "vitest";
import { type Attack, attacked, attackersOf } from "./attacks";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const attack = (kind: Attack["kind"], seed = 5): Attack => ({ kind, share: 0.3, seed });

describe("who attacks", () => {
  const of = (share: number, seed: number, clients = 20) =>
    attackersOf({ kind: "label-flip", share, seed }, { clients, strategy: "fedavg" });

  it("is as many as the share says, the same for a seed and others for another", () => {
    expect(of(0.3, 1)).toHaveLength(6);
    expect(new Set(of(0.3, 1)).size).toBe(6);
    expect(of(0.3, 1)).toEqual(of(0.3, 1));
    expect(of(0.3, 1)).not.toEqual(of(0.3, 2));
    expect([of(0, 1), of(1, 1, 3)]).toEqual([[], [0, 1, 2]]);
  });

  it("at a smaller share is among those of a larger one", () => {
    expect(of(0.3, 1)).toEqual(expect.arrayContaining([...of(0.1, 1)]));
  });

  it("refuses a share that is none, that is nobody, and forgery of what it does not know", () => {
    for (const share of [-0.1, 1.1, Number.NaN]) expect(() => of(share, 1)).toThrow(/from 0 to 1/);
    expect(() => of(0.02, 1)).toThrow(/0\.02 of 20 clients is nobody/);
    const forge = (strategy: string) => () =>
      attackersOf(attack("colluding"), { clients: 4, strategy });
    expect(forge("fedavg")).toThrow(/not of fedavg: use label-flip/);
    expect(forge("creamfl")).not.toThrow();
  });
});

/** Sixteen items of three classes, and a client of both modalities that holds four samples. */
const labels = Array.from({ length: 16 }, (_, i) => i % 3);
const width = 64; // of descriptions
const words = ["circle", "square", "star"];
const captions = labels.map((label) => words[label]);
const pictures = (count: number) =>
  u8(
    [count, 8, 8, 3],
    Uint8Array.from({ length: 192 * count }, (_, i) => i % 251),
  );
const data = {
  size: 4,
  labels: Int32Array.from([0, 1, 2, 2]),
  images: pictures(4),
  captions: captions.slice(0, 4),
};
const client = {
  id: clientId("c"),
  modality: "image-text",
  architecture: "dual-mlp-bag",
  samples: 4,
} as const;
const tokenizer = createTokenizer({ words, buckets: 2 });
const unitRows = f32(
  [16, width],
  Array.from({ length: 16 * width }, (_, i) => Number(i % width === 0)),
);
const state: Payload = {
  arrays: {
    images: pictures(16),
    "g/image": unitRows,
    "g/text": unitRows,
    "g/seen": f32([16, 3], new Float32Array(16 * 3).fill(1 / 3)),
  },
  meta: { set: 3, classes: 3, prompts: captions, captions, labels },
};

/** What a strategy's real client uploads in a round, over the wire; the server has checked it. */
async function uploadOf(
  name: string,
  attacker?: readonly [Attack, number],
  round = 1,
  { own = data }: { readonly own?: LabelledSet } = {},
) {
  const { server, client: clientOf } = strategyNamed(name);
  const half = clientOf({ localEpochs: 1, warmUpEpochs: 0 });
  const uploader = { ...client, samples: own.size };
  const { reply } = await handle(
    {
      strategy: attacker ? attacked(half, ...attacker) : half,
      trainer: createTrainer({ tokenizer }),
      createModel: () =>
        createModel({
          architecture: client.architecture,
          classes: 3,
          vocabularySize: tokenizer.size,
          imageSize: 8,
          seed: 1,
        }),
      classes: words,
      data: own,
      test: own,
      stream: "attacks",
      signal: new AbortController().signal,
      progress: () => {},
    },
    { client: uploader, memory: emptyPayload },
    { round, payload: server({}).instruct(state, uploader) },
  );
  const update = decodePayload(encodePayload(reply.update));
  expectUpload(server({}), state, uploader, update);
  return update.arrays;
}

describe.each(["random", "colluding"] as const)("%s", (kind) => {
  it("is the same for a seed and another for the next, and passes the server's checks", async () => {
    const first = await uploadOf("fedmmkt", [attack(kind), 0]);
    expect(await uploadOf("fedmmkt", [attack(kind), 0])).toEqual(first);
    const others = [
      await uploadOf("fedmmkt", [attack(kind, 6), 0]),
      await uploadOf("fedmmkt", [attack(kind), 0], 2),
      await uploadOf("fedmmkt"),
    ];
    for (const other of others) expect(other["p/image"].data).not.toEqual(first["p/image"].data);
  });

  it("forges descriptions alone where a client uploads no more", async () => {
    const forged = await uploadOf("creamfl", [attack(kind), 0]);
    expect(Object.keys(forged).sort()).toEqual(["z/image", "z/text"]);
    expect(forged["z/image"].data).not.toEqual((await uploadOf("creamfl"))["z/image"].data);
  });
});

it("critic: all is honest but its ratios, which are of full size and the opposite sign", async () => {
  const own = { ...data, size: 12, labels: Int32Array.from({ length: 12 }, (_, i) => i % 2) };
  const held = { ...own, images: pictures(12), captions: captions.slice(0, 12) };
  const [honest, lying] = [
    await uploadOf("fedmmkt", undefined, 1, { own: held }),
    await uploadOf("fedmmkt", [attack("critic"), 0], 1, { own: held }),
  ];
  const { "critic/ratio": truth, ...rest } = honest;
  const { "critic/ratio": lie, ...others } = lying;
  expect(others).toEqual(rest);
  expect(truth.data.some((r) => r !== 0)).toBe(true);
  expect([...lie.data]).toEqual(Array.from(truth.data, (r) => (r > 0 ? -4 : 4)));
  expect(() => attackersOf(attack("critic"), { clients: 4, strategy: "creamfl" })).toThrow(
    /forges uploads of fedmmkt, not of creamfl/,
  );
});

it("critic: is refused where no client is asked for a critic", () => {
  const forge = (strategyConfig: JsonObject) => () =>
    attackersOf(attack("critic"), { clients: 4, strategy: "fedmmkt", strategyConfig });
  for (const critics of ["none", "server"])
    expect(forge({ critics })).toThrow(`attack: "critic" forges what clients' critics say`);
  for (const strategyConfig of [{}, { critics: "random" }])
    expect(forge(strategyConfig)).not.toThrow();
});

it("random attackers differ from each other", async () => {
  const [a, b] = [0, 1].map((slot) => uploadOf("fedmmkt", [attack("random"), slot]));
  for (const name of ["p/image", "z/image"])
    expect((await a)[name].data).not.toEqual((await b)[name].data);
});

it("colluders say the same in all modalities: a wrong class for sure, with its one description", async () => {
  const [a, b] = [0, 1].map((slot) => uploadOf("fedmmkt", [attack("colluding"), slot]));
  expect(await a).toEqual(await b);
  const [p, z] = [rowsOf(await a, "p/image"), rowsOf(await a, "z/image")];
  expect(rowsOf(await a, "p/text")).toEqual(p);
  const told = p.map(argMax);
  told.forEach((label, i) => {
    expect(p[i][label]).toBe(1);
    expect(label).not.toBe(labels[i]);
    told.forEach((other, j) => {
      expect(String(z[i]) === String(z[j])).toBe(label === other);
    });
  });
  expect(new Set(told).size).toBe(3);
});

it("label-flip hands each label on to the next class, and touches nothing else", async () => {
  let seen: unknown;
  const half: ClientHalf = {
    async fit({ data: given }) {
      seen = given;
      return { update: emptyPayload, memory: emptyPayload, metrics: {} };
    },
  };
  const context = { data, classes: words } as unknown as Parameters<ClientHalf["fit"]>[0];
  await attacked(half, attack("label-flip"), 0).fit(context, emptyPayload);
  expect(seen).toEqual({ ...data, labels: Int32Array.from([1, 2, 0, 0]) });
  expect([...data.labels]).toEqual([0, 1, 2, 2]);
});
