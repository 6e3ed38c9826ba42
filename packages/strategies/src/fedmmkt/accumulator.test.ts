import { type ClientModality, modalitiesOf } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, ServerHalf, Update } from "@tandem/core/strategy";
import { f32, f64, type TensorData } from "@tandem/core/tensor";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { expect, it } from "vitest";
import { argMax, dot, normalise, rowsOf, softmax } from "../aggregation/rows";
import { strategyNamed } from "../registry";
import { wholeState } from "../testing/whole-state";
import { readBeliefs } from "./beliefs";

const [items, classes, width] = [12, 3, 4];
const labels = Array.from({ length: items }, (_, i) => i % classes);
const names = labels.map(String);
const rng = createRng("accumulator");
const rows = (extent: number, make: (row: Float64Array) => Float64Array) =>
  f32(
    [items, extent],
    labels.flatMap(() => [...make(Float64Array.from({ length: extent }, () => 2 * rng.normal()))]),
  );
const state: Payload = wholeState({
  arrays: {
    "g/image": rows(width, normalise),
    "g/text": rows(width, normalise),
    "g/seen": rows(classes, softmax),
    "reliability/image": f64([2, classes], [0.9, 0.2, 0.4, 0.3, 0.8, 0.6]),
  },
  meta: {
    ...{ set: 1, classes, prompts: names, captions: names, labels },
    believed: { image: ["c0", "c3"] },
  },
});
const held: readonly ClientModality[] = ["image", "text", "image-text"];
const updates = Array.from({ length: 9 }, (_, k): Update => {
  const modality = held[k % 3];
  const arrays: Record<string, TensorData> = {};
  for (const m of modalitiesOf(modality)) {
    arrays[`p/${m}`] = rows(classes, softmax);
    arrays[`z/${m}`] = rows(width, normalise);
  }
  const client = { id: clientId(`c${k}`), modality, architecture: "any", samples: 20 + 7 * k };
  return { client, age: k % 2, payload: { arrays, meta: { set: 1 } } };
});

const serverOf = (config: JsonObject = {}) =>
  strategyNamed("fedmmkt").server({ critics: "none", ...config });
const sumOf = (server: ServerHalf, some: readonly Update[], basis?: Payload): Payload =>
  some.reduce<Payload | undefined>(
    (sum, update) => server.accumulate(sum, update, basis),
    undefined,
  ) as Payload; // there are some
const concluded = (server: ServerHalf, sum: Payload) =>
  server.conclude(state, sum, {} as ServerEnv);

it("with the state's basis descriptions are sums, and the result has the bytes of kept ones", async () => {
  for (const robust of ["weighted", "mean"]) {
    const server = serverOf({ robust });
    const basis = server.basis?.(state);
    const [kept, summed] = [sumOf(server, updates), sumOf(server, updates, basis)];
    const described = (sum: Payload) =>
      Object.keys(sum.arrays).filter((name) => name.includes("/z/"));
    expect(described(kept)).toHaveLength(12);
    expect(described(summed)).toHaveLength(0);
    const [one, other] = [await concluded(server, kept), await concluded(server, summed)];
    expect(encodePayload(other.state)).toEqual(encodePayload(one.state));
    // Some with the basis and some without, in another order, by parts.
    const [first, second, third] = [updates.slice(0, 3), updates.slice(3, 6), updates.slice(6)];
    const parts = [
      sumOf(server, third.reverse(), basis),
      sumOf(server, first),
      sumOf(server, second, basis),
    ].reduce(server.merge);
    expect(encodePayload((await concluded(server, parts)).state)).toEqual(encodePayload(one.state));
  }
});

it("where answers are compared with each other all are kept, with a basis too, up to a number that is said", () => {
  for (const robust of ["trimmed-mean", "geometric-median"]) {
    const server = serverOf({ robust });
    expect(server.keeps).toMatchObject({ part: "all", most: 100 });
    const sum = sumOf(server, updates, server.basis?.(state));
    expect(Object.keys(sum.arrays).filter((name) => name.includes("/z/"))).toHaveLength(12);
  }
  expect(serverOf().keeps).toMatchObject({ part: "some" });
  expect(serverOf().keeps?.most).toBeUndefined();
});

it("a client's reliability is by the others alone, as if they were pooled without it", async () => {
  for (const robust of ["weighted", "mean"]) {
    const server = serverOf({ robust, evidence: "clients" });
    const after = readBeliefs((await concluded(server, sumOf(server, updates))).state);
    for (const { client, payload } of updates) {
      const others = updates.filter((one) => one.client.id !== client.id);
      const alone = await concluded(server, sumOf(server, others));
      // The sharpened pool has the same favourite.
      const seen = rowsOf(alone.state.arrays, "knowledge/target").map(argMax);
      for (const modality of modalitiesOf(client.modality)) {
        const said = rowsOf(payload.arrays, `p/${modality}`).map(argMax);
        const before = readBeliefs(state)[modality].get(client.id) ?? [0.5, 0.5, 0.5];
        const expected = Array.from(before, (a, c) => {
          const H = labels.flatMap((label, i) => (label === c && seen[i] === c ? [i] : []));
          const hits = H.filter((i) => said[i] === c).length;
          return 0.8 * a + (0.2 * (1 + hits)) / (2 + H.length);
        });
        expect(Array.from(after[modality].get(client.id) ?? [])).toEqual(expected);
      }
    }
  }
});

it("a better match with the other modality counts for more of what is fused", async () => {
  const [g, other] = ["g/image", "g/text"].map((name) => rowsOf(state.arrays, name));
  const fits = f32(
    [items, width],
    other.flatMap((row) => [...Array.from(row)]),
  );
  const of = (id: string, z: TensorData): Update => ({
    ...updates[0],
    age: 0,
    client: { ...updates[0].client, id: clientId(id) },
    payload: { ...updates[0].payload, arrays: { ...updates[0].payload.arrays, "z/image": z } },
  });
  const server = serverOf({ positives: "item" });
  const opposite = f32(
    [items, width],
    fits.data.map((value) => -value),
  );
  const sum = sumOf(server, [of("x", fits), of("y", opposite)], server.basis?.(state));
  const fused = rowsOf((await concluded(server, sum)).state.arrays, "knowledge/image");
  fused.forEach((row, i) => {
    expect(dot(row, other[i])).toBeGreaterThan(dot(g[i], other[i]) - 1e-6);
  });
});
