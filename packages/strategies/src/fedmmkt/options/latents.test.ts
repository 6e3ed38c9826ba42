import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import { withAllSteps } from "@tandem/coordinator/steps";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { EvaluateRequest, GenerateRequest } from "@tandem/core/teacher";
import { type Arrays, f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { strategyNamed } from "../../registry";
import { noScores } from "../../testing/no-scores";
import { fedmmktConfig } from "../config";
import { classNoise } from "./latents";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const loop = { prototypes: true, teacherUpdate: "fedktl-loop", items: 8 } as const;

it("start noise is 0.6 of the class's and 0.8 of fresh noise; none before it is learnt", () => {
  const config = fedmmktConfig.parse({ ...loop, latentShare: 0.6 });
  const latents = { centroids: f32([2, 2], [1, 2, -3, 4]) };
  const teacher = {
    ...absentTeacher,
    abilities: { finetune: false, repeat: true, noiseShape: [1, 2, 1] },
  };
  const noise = (from: Arrays) =>
    classNoise(config, from, [1, 0], { teacher, rng: createRng("x") });
  const fresh = createRng("x");
  const expected = [-3, 4, 1, 2].map((c) => 0.6 * c + 0.8 * fresh.normal());
  expect(noise(latents)?.shape).toEqual([2, 1, 2, 1]);
  noise(latents)?.data.forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at], 5);
  });
  expect(noise({})).toBeUndefined();
});

it("needs prototypes, and says so", () => {
  expect(() => strategyNamed("fedmmkt").parse({ teacherUpdate: "fedktl-loop" })).toThrow(
    /fedmmkt: teacherUpdate: "fedktl-loop" learns from prototypes: switch "prototypes" on/,
  );
});

/** Rounds of a teacher of this noise, in which one client sends a prototype of class 0 alone. */
async function play(config: JsonObject, noiseShape: readonly number[] | undefined, rounds: number) {
  const server = withAllSteps(strategyNamed("fedmmkt").server({ critics: "none", ...config }));
  const painted: GenerateRequest[] = [];
  const evaluated: EvaluateRequest[] = [];
  const prompts = ["dog", "cat"];
  const rows = (count: number) => ({
    z: f32([count, 2], Array(count).fill([1, 0]).flat()),
    logits: f32([count, 2], new Float32Array(2 * count)),
  });
  const env = (round: number): ServerEnv =>
    ({
      round,
      classes: prompts,
      rng: createRng(`latents/${round}`),
      signal: new AbortController().signal,
      progress: () => {},
      teacher: {
        abilities: { finetune: true, repeat: true, ...(noiseShape && { noiseShape }) },
        publicSet: {
          images: u8([2, 1, 1, 3], new Uint8Array(6)),
          prompts,
          captions: prompts,
          labels: [0, 1],
        },
        async generate(request: GenerateRequest) {
          painted.push(request);
          return u8([8, 1, 1, 3], new Uint8Array(24));
        },
        distil: async () => ({ student: { w: f32([1], [1]) }, loss: 0 }),
        encode: async ({ captions }: { readonly captions?: readonly string[] }) => {
          const said = rows(captions?.length ?? 2);
          return { image: said, text: said };
        },
        finetune: async () => {
          throw new Error("this loop trains no adapter");
        },
        async evaluate(request: EvaluateRequest) {
          evaluated.push(request);
          return noScores;
        },
      },
    }) as unknown as ServerEnv; // what FedMMKT's server asks of a teacher
  let state: Payload = emptyPayload;
  const centroids: number[][] = [];
  for (let round = 1; round <= rounds; round++) {
    const { state: prepared } = await server.prepare(state, env(round));
    const client = {
      id: clientId("c"),
      modality: "image",
      architecture: "any",
      samples: 9,
    } as const;
    const payload: Payload = {
      arrays: {
        "p/image": f32([8, 2], Array(8).fill([0.5, 0.5]).flat()),
        "z/image": f32([8, 2], Array(8).fill([1, 0]).flat()),
        "mask/image": u8([8], Array(8).fill(1)),
        "proto/image": f32([2, 2], [0, 1, 0, 0]),
        "count/image": f32([2], [9, 0]),
      },
      meta: { set: round },
    };
    server.check(prepared, client, payload);
    const sum = server.accumulate(undefined, { client, age: 0, payload });
    const concluded = await server.conclude(prepared, sum, env(round));
    state = (await server.teach(concluded.state, env(round))).state;
    centroids.push([...(state.arrays["latents/centroids"]?.data ?? [])]);
  }
  return { painted, evaluated, centroids };
}

it("learns noise from the prototypes, keeps it, and paints and is scored with it", async () => {
  const { painted, evaluated, centroids } = await play(loop, [1, 2, 1], 2);
  expect(centroids[0]).toHaveLength(4);
  // Of class 1 nobody has sent a prototype: its noise stays.
  expect(centroids[1].slice(2)).toEqual(centroids[0].slice(2));
  expect(centroids[1].slice(0, 2)).not.toEqual(centroids[0].slice(0, 2));
  expect(painted.map(({ noise }) => noise?.shape)).toEqual([undefined, [8, 1, 2, 1]]);
  // The base has no noise of its own; after both rounds the same fresh part is mixed in.
  const [base, first, second] = evaluated.map(({ noise }) => noise?.data);
  expect(base).toBeUndefined();
  const ofSecondClass = (data?: Float32Array) => [...(data ?? [])].slice(2, 4);
  expect(ofSecondClass(second)).toEqual(ofSecondClass(first));
  expect(second).not.toEqual(first);
});

it("is refused where the teacher takes no noise", async () => {
  await expect(play(loop, undefined, 1)).rejects.toThrow(/"fedktl-loop" .* takes none: use/);
});

it("elsewhere no noise is learnt or given", async () => {
  const { painted, centroids } = await play(
    { ...loop, teacherUpdate: "raft", finetuneSteps: 0 },
    [2],
    2,
  );
  expect(centroids).toEqual([[], []]);
  expect(painted.map(({ noise }) => noise)).toEqual([undefined, undefined]);
});
