import { withAllSteps } from "@tandem/coordinator/steps";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, ServerHalf, Update } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { describe, expect, it } from "vitest";
import { argMax, dot, rowsOf } from "../aggregation/rows";
import { strategyNamed } from "../registry";
import { readBeliefs } from "./beliefs";

/** Four items of three classes; the student knows nothing: all its rows are the same. */
const labels = [0, 1, 2, 0];
const same = f32([4, 2], [0.6, 0.8, 0.6, 0.8, 0.6, 0.8, 0.6, 0.8]);
const state: Payload = {
  arrays: {
    images: u8([4, 1, 1, 3], new Uint8Array(12)),
    "g/image": same,
    "g/text": same,
    "g/seen": f32([4, 3], Array(12).fill(1 / 3)),
    "student/w": f32([1], [0]),
  },
  meta: {
    set: 1,
    classes: 3,
    prompts: ["a", "b", "c", "d"],
    captions: ["a", "b", "c", "d"],
    labels,
  },
};
const wrong = (label: number) => (label + 1) % 3;

type Say = {
  readonly row: (label: number) => readonly number[];
  readonly z: readonly [number, number];
};
const honest: Say = { row: (y) => [0, 1, 2].map((c) => (c === y ? 0.6 : 0.2)), z: [1, 0] };
const colluder: Say = { row: (y) => [0, 1, 2].map((c) => Number(c === wrong(y))), z: [0, 1] };

const updateOf = (id: string, { row, z }: Say): Update => ({
  client: { id: clientId(id), modality: "image", architecture: "any", samples: 100 },
  age: 0,
  payload: {
    arrays: {
      "p/image": f32([4, 3], labels.flatMap(row)),
      "z/image": f32(
        [4, 2],
        labels.flatMap(() => z),
      ),
    },
    meta: { set: 1 },
  },
});
/** Seven that are right and not sure of it, three that are wrong and sure. */
const cohort = (): readonly Update[] => [
  ...Array.from({ length: 7 }, (_, k) => updateOf(`honest-${k}`, honest)),
  ...Array.from({ length: 3 }, (_, k) => updateOf(`colluder-${k}`, colluder)),
];

const serverOf = (config: JsonObject) =>
  withAllSteps(strategyNamed("fedmmkt").server({ critics: "none", ...config }));
const sumOf = (server: ServerHalf, updates: readonly Update[]): Payload =>
  updates.reduce<Payload | undefined>(
    (sum, update) => server.accumulate(sum, update),
    undefined,
  ) ?? { arrays: {}, meta: {} };
async function conclude(config: JsonObject, updates = cohort(), from = state) {
  const server = serverOf({ evidence: "clients", ...config });
  for (const { client, payload } of updates) expectUpload(server, from, client, payload);
  const step = await server.conclude(from, sumOf(server, updates), {} as ServerEnv);
  const { arrays } = step.state;
  return {
    ...step,
    seen: rowsOf(arrays, "verdict/seen"),
    labels: rowsOf(arrays, "knowledge/target").map(argMax),
    match: dot(rowsOf(arrays, "knowledge/image")[0], [1, 0]),
  };
}

const robust = ["trimmed-mean", "geometric-median"] as const;

describe("three of ten collude", () => {
  // Honest weights: 1 - H(.6, .2, .2) / log 3 = 0.135 against 1: (3 + 7·0.135·0.2) / (3 + 7·0.135) = 0.81
  it("the weighted consensus flips on every item", async () => {
    const { labels: taken, seen, match } = await conclude({});
    expect(taken).toEqual(labels.map(wrong));
    expect(seen[0][wrong(0)]).toBeCloseTo(0.808, 3);
    // The student's (0.6, 0.8) counts as one client's.
    expect(match).toBeCloseTo(7.6 / Math.hypot(7.6, 3.8), 5);
  });

  it("as annotators they are found out by the prompts, and what they say is turned round", async () => {
    const config = { evidence: "annotators" };
    expect((await conclude(config)).labels).toEqual(labels);
    const alone = [updateOf("honest", honest), updateOf("colluder", colluder)];
    expect((await conclude(config, alone)).labels).toEqual(labels);
  });

  it("the student is one more annotator, and alone where the clients are left aside", async () => {
    // It sees class 2 in the first picture, and has no doubt.
    const row = (label: number, i: number) => [0, 1, 2].map((c) => +(c === (i === 0 ? 2 : label)));
    const from: Payload = {
      ...state,
      arrays: { ...state.arrays, "g/seen": f32([4, 3], labels.flatMap(row)) },
    };
    const targetOf = async (evidence: string, updates = cohort(), before = from) =>
      rowsOf(
        (await conclude({ evidence }, updates, before)).state.arrays,
        "knowledge/target",
      )[0][2];
    const unsure = await targetOf("annotators", cohort(), state);
    expect(await targetOf("annotators")).toBeGreaterThan(1.2 * unsure);
    const liars = cohort().map((update) => updateOf(update.client.id, colluder));
    expect(await targetOf("server", liars)).toBe(await targetOf("server"));
  });

  it.each(robust)("the %s is what the honest say, of classes and of descriptions", async (rule) => {
    const { labels: taken, seen, match } = await conclude({ robust: rule, trimShare: 0.3 });
    expect(taken).toEqual(labels);
    [0.6, 0.2, 0.2].forEach((value, c) => {
      expect(seen[0][c]).toBeCloseTo(value, 4);
    });
    // Of 11 equal rows 3.3 go at each end: 0.7 of the student's (0.6, 0.8) and 3.7 of (1, 0) are left.
    const [x, y] = rule === "trimmed-mean" ? [0.7 * 0.6 + 3.7, 0.7 * 0.8] : [1, 0];
    expect(match).toBeCloseTo(x / Math.hypot(x, y), 5);
  });

  it("a trimmed mean that trims less than they are is drawn, here not over", async () => {
    // Right: (1·0 + 5·0.6) / 6 = 0.5 and wrong (5·0.2 + 1·1) / 6 = 0.33, which with 0.17 make 1.
    const { seen } = await conclude({ robust: "trimmed-mean", trimShare: 0.2 });
    expect(seen[0][0]).toBeCloseTo(0.5, 5);
    expect(seen[0][1]).toBeCloseTo(1 / 3, 5);
  });

  it.each(robust)("with the %s their reliability falls and the honest's rises", async (rule) => {
    const { image } = readBeliefs((await conclude({ robust: rule, trimShare: 0.3 })).state);
    // Class 0 has two items: 0.4 + 0.2·3/4 = 0.55 and 0.4 + 0.2·1/4 = 0.45.
    expect(image.get("honest-0")?.[0]).toBeCloseTo(0.55, 9);
    expect(image.get("colluder-0")?.[0]).toBeCloseTo(0.45, 9);
  });
});

it.each(robust)("%s: the order of arrival changes no bit", async (rule) => {
  const rng = createRng("arrival");
  const own = () => {
    const row = [rng.uniform(), rng.uniform(), rng.uniform()];
    const total = row[0] + row[1] + row[2];
    const angle = 2 * Math.PI * rng.uniform();
    return {
      row: () => row.map((value) => value / total),
      z: [Math.cos(angle), Math.sin(angle)] as const,
    };
  };
  const updates = Array.from({ length: 7 }, (_, k) => updateOf(`client-${k}`, own()));
  const config = { robust: rule };
  const bytes = async (list: readonly Update[]) =>
    Buffer.from(encodePayload((await conclude(config, list)).state)).toString("base64");
  const expected = await bytes(updates);
  for (let attempt = 0; attempt < 5; attempt++)
    expect(await bytes(Array.from(rng.permutation(7), (k) => updates[k]))).toBe(expected);
});
