import { readFileSync } from "node:fs";
import { type ClientModality, modalitiesOf } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import type { EncodeRequest, GenerateRequest } from "@tandem/core/teacher";
import { f32, type TensorData, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import { decodePayload, encodePayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { beforeAll, describe, expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { noScores } from "../testing/no-scores";
import { readState, writeState } from "./state";

/** States of three rounds by option, as an experiment that goes on has stored them. */
const stored: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("../../fixtures/fedmmkt-states.json", import.meta.url), "utf8"),
);

const options: Readonly<Record<string, JsonObject>> = {
  default: {},
  clients: { evidence: "clients" },
  student: { selection: "student" },
  "no-catch-up": { catchUp: false },
};

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

describe.each(Object.keys(options))("with %s", (name) => {
  it("three rounds leave the states that are stored, to the byte", async () => {
    const states = await play(options[name]);
    const kept = Object.entries(stored).filter(([at]) => at.startsWith(`${name} `));
    expect(kept).toHaveLength(5);
    for (const [at, packed] of kept) {
      const [, round, step] = at.split(" ");
      expect(sorted(states[`${round} ${step}`]), at).toEqual(sorted(await unpacked(packed)));
    }
  });

  it("a stored state is read and written without a change", async () => {
    for (const [at, packed] of Object.entries(stored)) {
      if (!at.startsWith(`${name} `)) continue;
      const payload = await unpacked(packed);
      expect(sorted(writeState(readState(payload))), at).toEqual(sorted(payload));
    }
  });
});

it("before the first round there is nothing", () => {
  expect(encodePayload(writeState(readState(emptyPayload)))).toEqual(encodePayload(emptyPayload));
});

it("what critics have taught is kept over the wire to the bit, its pictures as PNG", () => {
  const { kept, round } = readState(emptyPayload);
  const state = {
    kept: {
      ...kept,
      critic: { bias: f32([2, 1], [0.1, -3]) },
      taught: {
        images: u8([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]),
        prompts: ["a dog", "a cat"],
        labels: [0, 1],
        importances: f32([2], [0.1, 1.7]),
        weights: f32([2], [0, 1e-7]),
      },
    },
    round,
  };
  const written = writeState(state);
  expect(written.encoding).toMatchObject({ "taught/images": "png" });
  expect(readState(decodePayload(encodePayload(written)))).toEqual(state);
});

const unpacked = (packed: string): Promise<Payload> =>
  unpackPayload(new Uint8Array(Buffer.from(packed, "base64")));

/** Its bytes, with meta in alphabetical order, which never mattered. */
const sorted = (payload: Payload): Uint8Array => {
  const meta = Object.entries(payload.meta).sort(([a], [b]) => (a < b ? -1 : 1));
  return encodePayload({ ...payload, meta: Object.fromEntries(meta) });
};

const classes = ["dog", "cat"];
const prompts = ["a dog", "big dog", "a cat", "old cat"];
const unit = (angle: number) => [Math.cos(angle), Math.sin(angle)];
const perItem = (count: number, row: (i: number) => readonly number[]) =>
  f32([count, 2], Array.from({ length: count }, (_, i) => row(i)).flat());

/** The state after each step of three rounds of three clients and a teacher of a few numbers. */
async function play(config: JsonObject): Promise<Readonly<Record<string, Payload>>> {
  const server = strategyNamed("fedmmkt").server({
    critics: "none",
    items: 8,
    evaluationItems: 8,
    cachedSets: 2,
    ...config,
  });
  let lessons = 0;
  const said = (count: number, shift: number) => ({
    z: perItem(count, (i) => unit(i + shift)),
    logits: perItem(count, (i) => [Math.sin(6 * i + shift), Math.sin(6 * i + 3 + shift)]),
  });
  const env = (round: number) =>
    ({
      round,
      classes,
      rng: createRng(`golden/${round}`),
      signal: new AbortController().signal,
      progress: () => {},
      teacher: {
        abilities: { finetune: true, repeat: true },
        publicSet: {
          images: u8([4, 1, 1, 3], new Uint8Array(12)),
          prompts,
          captions: prompts,
          labels: [0, 0, 1, 1],
        },
        generate: async ({ prompts: asked, seed }: GenerateRequest) =>
          u8(
            [asked.length, 1, 1, 3],
            Array.from({ length: 3 * asked.length }, (_, i) => (seed + 31 * i) % 256),
          ),
        distil: async () => ({ student: { w: f32([2], [round, round + 0.5]) }, loss: 0.5 }),
        async encode({ images, captions = [], student }: EncodeRequest) {
          const count = images?.shape[0] ?? captions.length;
          const shift = student.w.data[0];
          return { image: said(count, shift), text: said(count, shift + 1) };
        },
        finetune: async () => ({ adapter: { a: f32([1], [++lessons]) }, losses: [0.25] }),
        evaluate: async () => ({ scores: noScores }),
      },
    }) as unknown as ServerEnv; // what FedMMKT's server asks of a teacher
  const states: Record<string, Payload> = {};
  let state = await server.init(env(0));
  for (let round = 1; round <= 3; round++) {
    state = (await server.prepare?.(state, env(round)))?.state ?? state;
    states[`${round} prepare`] = state;
    let sum: Payload | undefined;
    for (const update of updatesOf(state, round)) {
      expectUpload(server, state, update.client, update.payload);
      sum = server.accumulate(sum, update);
    }
    state = (await server.conclude(state, sum ?? emptyPayload, env(round))).state;
    states[`${round} conclude`] = state;
    state = (await server.teach?.(state, env(round)))?.state ?? state;
    states[`${round} teach`] = state;
  }
  return states;
}

/** Of a client of pictures, one of captions and one of both. */
function updatesOf({ meta }: Payload, round: number): readonly Update[] {
  const count = (meta.labels as readonly number[]).length;
  const held: readonly ClientModality[] = ["image", "text", "image-text"];
  return held.map((modality, k) => {
    const arrays: Record<string, TensorData> = {};
    for (const m of modalitiesOf(modality)) {
      const sure = (i: number) => Math.abs(Math.sin(i + k + round));
      arrays[`p/${m}`] = perItem(count, (i) => [sure(i), 1 - sure(i)]);
      arrays[`z/${m}`] = perItem(count, (i) => unit(i * k + round));
    }
    const client = { id: clientId(`c${k}`), modality, architecture: "any", samples: 20 + k };
    return { client, age: 0, payload: { arrays, meta: { set: round } } };
  });
}
