import type { Json, JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng, type Rng } from "@tandem/core/rng";
import type { ServerHalf, Update } from "@tandem/core/strategy";
import { f64, sizeOf, type TensorData } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { readPeft, writePeft } from "@tandem/diffusion/lora/peft";
import { requests } from "@tandem/protocol/events";
import { decodeUpload, encodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { storedName } from "@tandem/protocol/safetensors";
import { encodeHeader } from "@tandem/protocol/safetensors-header";
import { type AnyStrategy, strategies, strategyNamed } from "@tandem/strategies/registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, overWire, type Played, sumOf } from "./strategy-world";

let world: Awaited<ReturnType<typeof createWorld>>;
beforeAll(async () => {
  world = await createWorld();
}, 180_000);
afterAll(() => world?.close());

/** A strategy with other settings than its defaults. */
const withOptions = (name: string, options: JsonObject): AnyStrategy => {
  const strategy = strategyNamed(name);
  return {
    ...strategy,
    name: `${name} with ${Object.keys(options).join(", ")}`,
    disclosure: (config) => strategy.disclosure({ ...config, ...options }),
    server: (config) => strategy.server({ ...config, ...options }),
    client: (config) => strategy.client({ ...config, ...options }),
  };
};
const variants = [
  withOptions("fedmmkt", { colours: 16, answerPrecision: "coarse", critics: "none" }),
];

describe.each([...strategies, ...variants].map((strategy) => [strategy.name, strategy] as const))(
  "%s",
  (...[, s]) => {
    describe("configuration", () => configuration(s));
    describe("two rounds", () => twoRounds(s));
  },
);

function configuration(strategy: AnyStrategy) {
  const properties = strategy.schema.properties as Readonly<Record<string, JsonObject>>;
  const refusal = (config: JsonObject) => failureOf(() => strategy.parse(config));

  it("says what it is", () => {
    for (const text of [strategy.name, strategy.title, strategy.summary, strategy.source])
      expect(text).not.toBe("");
    expect(strategy.needs.modalities.length).toBeGreaterThan(0);
  });

  it("parses nothing to its defaults, and the defaults to themselves", () => {
    const defaults = strategy.parse({});
    expect(Object.keys(defaults).sort()).toEqual(Object.keys(properties).sort());
    for (const [field, { default: value }] of Object.entries(properties))
      expect(defaults[field]).toEqual(value);
    expect(strategy.parse(defaults)).toEqual(defaults);
  });

  it("explains each field, and names the one that is wrong", () => {
    for (const [field, { title, description, minimum, maximum }] of Object.entries(properties)) {
      expect([title, description], field).toEqual([expect.any(String), expect.any(String)]);
      const wrong: Json[] = [{}, null, "no such choice"];
      if (typeof minimum === "number") wrong.push(minimum - 1);
      if (typeof maximum === "number") wrong.push(maximum + 1);
      for (const value of wrong) {
        const { code, message } = refusal({ [field]: value });
        expect(code).toBe("bad-config");
        expect(message).toContain(field);
      }
    }
    expect(refusal({ noSuchField: 1 }).message).toContain("noSuchField");
  });
}

function twoRounds(strategy: AnyStrategy) {
  let played: Played;
  beforeAll(async () => {
    played = await world.play(strategy, 2);
  }, 180_000);
  const last = () => played.rounds[played.rounds.length - 1];
  const check = ({ client }: Update, payload: Payload) =>
    expectUpload(played.server, last().prepared, client, payload);

  it("takes honest updates as they come off the wire, with their metrics", () => {
    for (const { prepared, updates, sent } of played.rounds)
      updates.forEach(({ client, payload }, i) => {
        expect(outline(payload)).toEqual(outline(sent[i].update));
        expect(() => expectUpload(played.server, prepared, client, payload)).not.toThrow();
        const { metrics } = sent[i];
        const [hash, signature] = ["0".repeat(64), "x".repeat(86)];
        const request = { round: 1, instruction: hash, hash, metrics, signature };
        expect(requests.upload.request.safeParse(request).error).toBeUndefined();
        expect(metrics.accuracy).toBeGreaterThanOrEqual(0);
      });
  });

  it("says what an upload holds: an honest one, and by its header alone none that is larger", async () => {
    for (const { prepared, updates, sent } of played.rounds)
      for (const [i, { client }] of updates.entries()) {
        const { update } = sent[i];
        const outlined = played.server.outline(prepared, client);
        const taken = await decodeUpload(await packPayload(update), outlined);
        expect(outline(taken)).toEqual(outline(update));
        for (const [name, array] of Object.entries(update.arrays)) {
          if (outlined.others !== undefined && !(name in outlined.arrays)) continue;
          const shape = array.shape.with(0, 5000 * array.shape[0]);
          const larger = { ...update.arrays, [name]: { ...array, shape } };
          const header = headerOf({ arrays: larger, meta: update.meta });
          await expect(decodeUpload(header, outlined)).rejects.toMatchObject({
            code: "bad-upload",
          });
        }
      }
  });

  it("names no client in its state, or forgets the one that it is told to, and no other", () => {
    const [id, other] = ["a-b_c", "hasOwnProperty"];
    const names = (state: Payload, client: string) =>
      Buffer.from(encodePayload(state)).includes(client);
    for (const { prepared, concluded, taught } of played.rounds)
      for (const state of [prepared, concluded, taught.state]) {
        const rest = played.server.forget?.(state, [id]);
        expect(rest !== undefined).toBe(names(state, id));
        if (!rest) continue;
        expect(names(rest, id)).toBe(false);
        expect(names(rest, other)).toBe(names(state, other));
        expect(Object.keys(rest.arrays).sort()).toEqual(
          Object.keys(state.arrays)
            .filter((name) => !name.includes(id))
            .sort(),
        );
      }
  });

  it("does not tell of which classes a client holds fewer than five samples", () =>
    tellsFew(strategy, played));

  it("leaves no tensor behind at the clients", () => {
    expect(played.rounds.map(({ leaked }) => leaked)).toEqual([0, 0]);
  });

  it("has critics that speak, where there are any", () => {
    const speak = last().updates.flatMap(({ payload: { arrays } }) =>
      "critic/held" in arrays ? [arrays["critic/held"].data.includes(1 as never)] : [],
    );
    expect(speak).toEqual(strategy.name === "fedmmkt" ? Array(4).fill(true) : []);
  });

  it("keeps its state over the wire, bit by bit", () => {
    for (const { prepared, concluded, taught } of played.rounds)
      for (const state of [prepared, concluded, taught.state])
        expect(bytes(overWire(state))).toEqual(bytes(state));
  });

  it("refuses an upload with anything missing, surplus, misshapen, mistyped or not a number", () => {
    for (const update of last().updates) {
      const taken = tampered(update.payload).filter(
        ([, payload]) => failureOf(() => check(update, payload)).code !== "bad-upload",
      );
      expect(taken.map(([what]) => `${update.client.modality}: ${what}`)).toEqual([]);
    }
  });

  it("refuses what a client of another modality has to say, and silence where an answer is due", () => {
    for (const update of last().updates) {
      const others = last()
        .updates.filter(({ client }) => client.modality !== update.client.modality)
        .map(({ payload }) => payload);
      for (const payload of [...others, emptyPayload])
        if (bytes(payload) !== bytes(update.payload))
          expect(failureOf(() => check(update, payload)).code).toBe("bad-upload");
    }
  });

  it("concludes the same, to the bit, whatever the order and the grouping of arrival", async () => {
    const rng = createRng("arrival");
    for (const [i, { prepared, updates, concluded }] of played.rounds.entries()) {
      const expected = bytes({ ...sumOf(played.server, updates), meta: {} });
      for (let attempt = 0; attempt < 6; attempt++) {
        const sum = anyGrouping(played.server, updates, rng);
        expect(bytes({ ...sum, meta: {} })).toEqual(expected);
        const { state } = await played.server.conclude(
          prepared,
          sum,
          played.env(i + 1, "conclude"),
        );
        expect(bytes(state)).toEqual(bytes(concluded));
      }
    }
  });

  it("prepares and teaches the same, to the bit, when asked again", async () => {
    const { before, prepared, concluded, taught } = last();
    const again = await played.server.prepare(before, played.env(2, "prepare"));
    expect(bytes(again.state)).toEqual(bytes(prepared));
    const taughtAgain = await played.server.teach(concluded, played.env(2, "teach"));
    expect(bytes(taughtAgain.state)).toEqual(bytes(taught.state));
    expect(taughtAgain.metrics).toEqual(taught.metrics);
  }, 60_000);

  it("reports finite numbers, and a picture for each item of its gallery", () => {
    for (const { concluded, taught } of played.rounds) {
      for (const value of Object.values(taught.metrics)) expect(Number.isFinite(value)).toBe(true);
      const gallery = played.server.gallery?.(concluded);
      if (!gallery) continue;
      const { dtype, shape } = concluded.arrays[gallery.images];
      expect([dtype, shape[0], shape[3]]).toEqual(["u8", gallery.items.length, 3]);
    }
  });

  it("offers an adapter, if it trains one, in PEFT's names, and none before the first lesson", () => {
    const { server, rounds } = played;
    if (!server.adapter) return;
    expect(server.adapter(rounds[0].concluded)).toBeUndefined();
    for (const { concluded, taught } of rounds) {
      const arrays = server.adapter(taught.state);
      const isTaught = "teacher/loss" in taught.metrics;
      // A few critics of a few pictures need not agree; without them there is always a lesson.
      if (strategy.name.endsWith("critics")) expect(isTaught).toBe(true);
      if (!isTaught) expect(arrays).toEqual(server.adapter(concluded));
      if (arrays)
        expect(Object.keys(writePeft(readPeft(arrays)).arrays)).toEqual(Object.keys(arrays));
    }
    expect(server.adapter(rounds[1].prepared)).toEqual(server.adapter(rounds[0].taught.state));
  });
}

/** What says of which classes a client holds five samples or more, where anything does. */
const means = ["held/image", "held/text", "mean/image", "mean/text"];
const telling: Readonly<Record<string, readonly string[]>> = {
  fedmmkt: ["critic/held"],
  fedgen: ["shares"],
  fedproto: means,
  fd: means,
  fedktl: means,
};

/** An upload has the same zeros, and as many flags, for none of a class as for four of it; what tells of five is said. */
async function tellsFew(strategy: AnyStrategy, played: Played) {
  const { classes, uploads } = await world.answersWith(strategy, played, [0, 1, 4, 5]);
  const [none, one, four, five] = uploads.map((upload) => marksOf(upload, classes));
  expect(one).toEqual(none);
  expect(four).toEqual(none);
  const changed = Object.keys(none).filter((name) => five[name] !== none[name]);
  const known = telling[strategy.name] ?? [];
  expect(changed.sort()).toEqual(known);
  const [first] = strategy.disclosure({})?.split(". ") ?? [];
  const isSaid = /which classes (these are|you hold five or more)/.test(first);
  expect(isSaid).toBe(known.length > 0);
}

/** By array: for which classes it has any value, where one of its axes is theirs, and how many of its flags are set. */
const marksOf = ({ arrays }: Payload, classes: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { dtype, shape, data }]) => {
      const marks = shape.flatMap((extent, axis) => {
        if (extent !== classes) return [];
        const inner = sizeOf(shape.slice(axis + 1));
        const has = new Array<number>(classes).fill(0);
        data.forEach((value, at) => {
          if (value !== 0) has[Math.floor(at / inner) % classes] = 1;
        });
        return [has.join("")];
      });
      const flags = dtype === "u8" ? [data.reduce((sum, value) => sum + value, 0)] : [];
      return [name, [...marks, ...flags].join(" ")];
    }),
  );

/** The updates summed in groups of any size and order, which cross the wire before they are merged. */
function anyGrouping(server: ServerHalf, updates: readonly Update[], rng: Rng): Payload {
  let groups = Array.from(rng.permutation(updates.length), (i) => [updates[i]]);
  while (groups.length > 1 && rng.uniform() < 0.7) {
    const [first, second, ...rest] = groups;
    groups = [...rest, [...first, ...second]];
  }
  const sums = groups.map((group) => overWire(sumOf(server, group)));
  while (sums.length > 1) {
    const [left] = sums.splice(rng.integer(sums.length), 1);
    const at = rng.integer(sums.length);
    sums[at] = server.merge(left, sums[at]);
  }
  return sums[0];
}

/** Of a file that holds such arrays, none of which is there. */
function headerOf({ arrays, meta }: Payload): Uint8Array {
  const tensors = Object.entries(arrays).map(
    ([name, { dtype, shape }]) => [name, { dtype: storedName(dtype), shape }] as const,
  );
  return encodeHeader(tensors, { meta: JSON.stringify(meta), packings: "{}" });
}

/** Every way to spoil one array or one field of meta, and some surplus. */
function tampered({ arrays, meta }: Payload): readonly (readonly [string, Payload])[] {
  const withArray = (name: string, array: TensorData | undefined): Payload => ({
    arrays: Object.fromEntries([
      ...Object.entries(arrays).filter(([other]) => other !== name),
      ...(array ? [[name, array]] : []),
    ]),
    meta,
  });
  const surplus = { dtype: "u8", shape: [1], data: new Uint8Array(1) } as const;
  const names = ["surplus", "constructor", "__proto__", Object.keys(arrays).join(",")];
  const spoilt = Object.entries(arrays).flatMap(([name, array]): [string, Payload][] => [
    [`${name} is missing`, withArray(name, undefined)],
    [
      `${name} has another name`,
      { ...withArray(name, undefined), arrays: { ...withArray(name, undefined).arrays, x: array } },
    ],
    [`${name} has an axis more`, withArray(name, resized(array, [...array.shape, 1]))],
    ...array.shape.flatMap((extent, axis): [string, Payload][] =>
      [-1, 1].map((change) => [
        `${name} has ${extent + change} at axis ${axis}`,
        withArray(name, resized(array, array.shape.with(axis, extent + change))),
      ]),
    ),
    [`${name} is f64`, withArray(name, f64(array.shape, array.data))],
    ...(array.dtype === "f32" ? [NaN, Infinity, -1e9] : [255]).map((value): [string, Payload] => [
      `${name} holds ${value}`,
      withArray(name, { ...array, data: array.data.slice().fill(value, 0, 1) } as TensorData),
    ]),
  ]);
  const lies = Object.entries(meta).flatMap(([field, value]): [string, Payload][] =>
    [typeof value === "number" ? value + 1 : null, "another"].map((lie) => [
      `${field} says ${lie}`,
      { arrays, meta: { ...meta, [field]: lie } },
    ]),
  );
  return [
    ...spoilt,
    ...lies,
    ...names.map((name): [string, Payload] => [`surplus ${name}`, withArray(name, surplus)]),
    ["only a joined name", { arrays: { [names[3]]: surplus }, meta }],
    ["surplus meta", { arrays, meta: { ...meta, surplus: 1 } }],
  ];
}

/** Its values again and again, in another shape. */
function resized(array: TensorData, shape: readonly number[]): TensorData {
  const data = array.data.slice(0, 0).constructor as new (n: number) => TensorData["data"];
  const values = new data(sizeOf(shape));
  values.forEach((_, i) => {
    values[i] = array.data[i % array.data.length];
  });
  return { ...array, shape, data: values } as TensorData;
}

const bytes = (payload: Payload): string => Buffer.from(encodePayload(payload)).toString("base64");

const outline = ({ arrays, meta }: Payload) => ({
  meta,
  arrays: Object.entries(arrays)
    .map(([name, { dtype, shape }]) => `${name}: ${dtype} [${shape}]`)
    .sort(),
});

function failureOf(act: () => unknown): { readonly code?: string; readonly message: string } {
  try {
    act();
  } catch (error) {
    return error as Error & { code?: string };
  }
  return { message: "nothing was refused" };
}
