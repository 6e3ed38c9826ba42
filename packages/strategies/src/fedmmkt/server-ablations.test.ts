import { withAllSteps } from "@tandem/coordinator/steps";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import type { DistilRequest, EncodeRequest, FinetuneRequest } from "@tandem/core/teacher";
import { type Arrays, f32, f64, u8 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../aggregation/rows";
import { strategyNamed } from "../registry";
import { noScores } from "../testing/no-scores";

/** Two items, of the classes that are given; the captions' rows are at a right angle. */
const stateOf = (labels: readonly number[], more: Arrays = {}): Payload => ({
  arrays: {
    images: u8([2, 1, 1, 3], new Uint8Array(6)),
    "g/image": f32([2, 2], [1, 0, 1, 0]),
    "g/text": f32([2, 2], [1, 0, 0, 1]),
    "g/seen": f32([2, 2], Array(4).fill(0.5)),
    ...more,
  },
  meta: { set: 1, classes: 2, prompts: ["a", "b"], captions: ["a", "b"], labels: [...labels] },
});

type Say = {
  readonly p: readonly [number, number];
  readonly z: readonly [number, number];
  readonly samples?: number;
  readonly age?: number;
};
const updateOf = (id: string, { p, z, samples = 100, age = 0 }: Say): Update => ({
  client: { id: clientId(id), modality: "image", architecture: "any", samples },
  age,
  payload: {
    arrays: {
      "p/image": f32([2, 2], [...p, ...p]),
      "z/image": f32([2, 2], [...z, ...z]),
    },
    meta: { set: 1 },
  },
});

async function conclude(config: JsonObject, state: Payload, updates: readonly Update[]) {
  const server = strategyNamed("fedmmkt").server({ critics: "none", ...config });
  const sum = updates.reduce<Payload | undefined>(
    (before, update) => server.accumulate(before, update),
    undefined,
  );
  const step = await server.conclude(state, sum ?? emptyPayload, {} as ServerEnv);
  const item = (name: string) => [...Array.from(rowsOf(step.state.arrays, name)[0])];
  return { ...step, item };
}

describe("meanAgg", () => {
  // Of the first all speaks for it: it is sure, known, large and in time, and fits the captions.
  const updates = [
    updateOf("a", { p: [1, 0], z: [1, 0], samples: 400 }),
    updateOf("b", { p: [0.4, 0.6], z: [0, 1], samples: 100, age: 2 }),
  ];
  const known = {
    "reliability/a/image": f64([2], [0.9, 0.9]),
    "reliability/b/image": f64([2], [0.1, 0.1]),
  };
  const state = stateOf([0, 1], known);

  it("everybody counts the same, of classes and of descriptions", async () => {
    const { item } = await conclude({ robust: "mean" }, state, updates);
    expect(item("verdict/seen")).toEqual([0.7, 0.3].map((p) => expect.closeTo(p, 6)));
    // (1, 0), (0, 1), and half as much the student's (1, 0).
    const norm = Math.hypot(1.5, 1);
    expect(item("knowledge/image")).toEqual([1.5, 1].map((x) => expect.closeTo(x / norm, 6)));
  });

  it("the weighted mean is nearly what the first says", async () => {
    const { item } = await conclude({}, state, updates);
    expect(item("verdict/seen")[0]).toBeGreaterThan(0.99);
    expect(item("knowledge/image")[0]).toBeGreaterThan(0.99);
  });
});

it("singlePositive: descriptions are scored against the item's own caption alone", async () => {
  const updates = [
    updateOf("a", { p: [1, 0], z: [1, 0] }),
    updateOf("b", { p: [1, 0], z: [0, 1] }),
  ];
  const fused = async (positives: string) => {
    return (await conclude({ positives }, stateOf([0, 0]), updates)).item("knowledge/image");
  };
  // Both captions are of the class: whoever speaks is as good, score log 1, and the student says (1, 0).
  const [x, y] = await fused("class");
  expect(y / x).toBeCloseTo(1 / 2, 6);
  // Of item 0: e^10 / (e^10 + 1) against 1 / (1 + e^10), which the floor lifts to 1/2.
  const [own, other] = await fused("item");
  expect(other / own).toBeCloseTo(0.5 / 2 / (1 / (1 + Math.exp(-10))), 6);
});

/**
 * A teacher whose student is one number: 1 after the public set, 2 with the clients' knowledge. The
 * first sees and reads class 1 everywhere, the other class 0.
 */
function world(accepted?: readonly number[]) {
  const lessons: FinetuneRequest[] = [];
  const isTaught = ({ student }: EncodeRequest) => student.w.data[0] === 2;
  const env = {
    round: 1,
    classes: ["a", "b"],
    rng: createRng("ablations"),
    signal: new AbortController().signal,
    progress: () => {},
    teacher: {
      abilities: { finetune: true, repeat: true },
      publicSet: {
        images: u8([2, 1, 1, 3], new Uint8Array(6)),
        prompts: ["a", "b"],
        captions: ["A", "B"],
        labels: [0, 1],
      },
      generate: async () => u8([8, 1, 1, 3], new Uint8Array(24)),
      distil: async ({ knowledge }: DistilRequest) => ({
        student: { w: f32([1], [knowledge ? 2 : 1]) },
        loss: 0,
      }),
      encode: async (request: EncodeRequest) => {
        const sees = isTaught(request) ? [3, 0] : [0, 3];
        const count = request.images?.shape[0] ?? 0;
        const rows = {
          z: f32([count, 2], Array(count).fill([1, 0]).flat()),
          logits: f32([count, 2], Array(count).fill(sees).flat()),
        };
        return { image: rows, text: rows };
      },
      finetune: async (request: FinetuneRequest) => {
        lessons.push(request);
        return { adapter: { a: f32([1], [1]) }, losses: [0] };
      },
      evaluate: async () => ({ scores: noScores }),
    },
  } as unknown as ServerEnv; // what FedMMKT's server asks of a teacher

  /** Rounds of eight pictures of classes 0, 1, 0, …, in which one client sees class 0 everywhere. */
  async function teach(config: JsonObject, rounds = 1) {
    const server = withAllSteps(
      strategyNamed("fedmmkt").server({ critics: "none", items: 8, ...config }),
    );
    let state = emptyPayload;
    for (let round = 1; round <= rounds; round++) {
      state = (await server.prepare(state, { ...env, round })).state;
      const update: Update = {
        client: { id: clientId("c"), modality: "image", architecture: "any", samples: 9 },
        age: 0,
        payload: {
          arrays: {
            "p/image": f32([8, 2], Array(8).fill([0.9, 0.1]).flat()),
            "z/image": f32([8, 2], Array(8).fill([1, 0]).flat()),
          },
          meta: { set: round },
        },
      };
      state = (await server.conclude(state, server.accumulate(undefined, update), env)).state;
      if (accepted)
        state = {
          ...state,
          arrays: { ...state.arrays, "verdict/accepted": u8([8], [...accepted]) },
        };
      state = (await server.teach(state, { ...env, round })).state;
    }
    return state;
  }
  return { lessons, teach };
}
const taught = ({ samples, replay }: FinetuneRequest) => ({
  captions: samples.captions,
  weights: samples.weights,
  rows: replay.rows,
  share: replay.share,
});

it("selfReward: the student that no client has taught judges, in later rounds too", async () => {
  const { lessons, teach } = world();
  const state = await teach({ selection: "student" }, 2);
  expect([...state.arrays["public-student/w"].data]).toEqual([1]);
  expect([...state.arrays["student/w"].data]).toEqual([2]);
  for (const lesson of lessons) {
    expect(lesson.samples.captions).toEqual(["b", "b", "b", "b"]); // as the clients never would
    expect(lesson.replay.rows).toEqual([1]);
  }
  expect(lessons).toHaveLength(2);
});

it("without it the clients judge, and no second student is kept", async () => {
  const { lessons, teach } = world();
  const state = await teach({});
  expect(lessons[0].samples.captions).toEqual(["a", "a", "a", "a"]);
  expect(lessons[0].replay.rows).toEqual([0]);
  const names = Object.keys(state.arrays);
  expect(names.filter((name) => /^(public-student|self)\//.test(name))).toEqual([]);
});

it("selfReward leaves what clients are told as it is", async () => {
  const told = async (selection: string) => {
    const { arrays } = await world().teach({ selection });
    return Object.entries(arrays).filter(([name]) => name.startsWith("knowledge/"));
  };
  const own = await told("student");
  expect(own).toHaveLength(5);
  expect(own).toEqual(await told("consensus"));
});

it("randomSelect: as many as the clients accept, drawn among all, and of equal weight", async () => {
  const { lessons, teach } = world();
  await teach({ selection: "random" });
  const { captions, weights, share } = taught(lessons[0]);
  expect(captions).toHaveLength(4);
  expect(captions).toContain("b");
  expect(weights).toEqual([1, 1, 1, 1]);
  expect(share).toBe(0.5);
});

describe("noReplay", () => {
  it("no public sample is drawn", async () => {
    const { lessons, teach } = world();
    await teach({ replayShare: 0 });
    expect(taught(lessons[0])).toMatchObject({ rows: [], share: 0 });
  });

  it("nor where nothing is accepted: the teacher rests, which else replays alone", async () => {
    const [without, usual] = [world(Array(8).fill(0)), world(Array(8).fill(0))];
    await without.teach({ replayShare: 0 });
    expect(without.lessons).toEqual([]);
    await usual.teach({});
    expect(usual.lessons.map(taught)).toMatchObject([{ captions: [], rows: [0], share: 1 }]);
  });
});

it("noT2I: the teacher learns nothing, and its student goes on", async () => {
  const { lessons, teach } = world();
  const { arrays } = await teach({ finetuneSteps: 0 }, 2);
  expect(lessons).toEqual([]);
  expect([...arrays["student/w"].data]).toEqual([2]);
  expect(Object.keys(arrays).filter((name) => name.startsWith("adapter/"))).toEqual([]);
});
