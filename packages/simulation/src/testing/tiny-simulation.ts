import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { Teacher } from "@tandem/core/teacher";
import { f32, u8 } from "@tandem/core/tensor";
import type { Dataset } from "@tandem/datasets/dataset";
import { type SimulationOptions, simulate } from "../simulate";

/** Sixty samples of two classes, dark and bright, of one source. */
export const size = 60;
const set = {
  size,
  labels: Int32Array.from({ length: size }, (_, i) => i % 2),
  images: u8(
    [size, 8, 8, 3],
    Uint8Array.from({ length: size * 192 }, (_, i) => 90 * (Math.floor(i / 192) % 2) + (i % 60)),
  ),
  captions: Array.from({ length: size }, (_, i) => (i % 2 === 0 ? "dark" : "bright")),
};
const source = {
  classes: ["dark", "bright"],
  vocabulary: { words: ["dark", "bright"], buckets: 2 },
  deal: () => ({ pools: [{ source: "all", set }], test: set }),
} as unknown as Dataset; // what a teacher process would ask for is not there

const scores = {
  promptAccuracy: 1,
  realAccuracy: 1,
  secondPromptAccuracy: 1,
  secondRealAccuracy: 1,
  frechet: 0,
  precision: 1,
  recall: 1,
  diversity: 0,
};
/** Row of length 1 and logits of a class; half of each where it is not known. */
const encodingOf = (classes: readonly number[]) => ({
  z: f32(
    [classes.length, 64],
    classes.flatMap((c) => Array.from({ length: 64 }, (_, i) => Number(i === c))),
  ),
  logits: f32(
    [classes.length, 2],
    classes.flatMap((c) => [4 - 4 * c, 4 * c]),
  ),
});
/** Paints by copying what it has seen, and looks at brightness. It cannot be taught. */
const copyist: Teacher = {
  publicSet: {
    images: set.images,
    prompts: set.captions,
    captions: set.captions,
    labels: [...set.labels],
  },
  imageSize: 8,
  dimension: 64,
  abilities: { finetune: false, repeat: true },
  async generate({ prompts, seed }) {
    const rng = createRng(seed);
    const rows = prompts.map((prompt) => 2 * rng.integer(size / 2) + Number(prompt === "bright"));
    const pixels = rows.flatMap((row) => [...set.images.data.subarray(192 * row, 192 * (row + 1))]);
    return u8([prompts.length, 8, 8, 3], Uint8Array.from(pixels));
  },
  finetune: () => Promise.reject(new TandemError("not-supported", "It only copies.")),
  encode: async ({ images, captions }) => ({
    ...(images && {
      image: encodingOf(
        Array.from({ length: images.shape[0] }, (_, i) => Number(images.data[192 * i] >= 90)),
      ),
    }),
    ...(captions && { text: encodingOf(captions.map((text) => Number(text === "bright"))) }),
  }),
  distil: async () => ({ student: { none: f32([1], [0]) }, loss: 0 }),
  evaluate: async () => scores,
  close: async () => {},
};

/** One strategy with few samples; a deadline is longer than any test. */
export const runTiny = (
  strategy: string,
  {
    clients = 3,
    config = {},
    ...others
  }: Partial<Pick<SimulationOptions, "attack" | "faults" | "clients" | "onView">> & {
    readonly config?: Readonly<Record<string, unknown>>;
  } = {},
) =>
  simulate({
    ...others,
    config: {
      name: strategy,
      strategy,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 20, learningRate: 0.01 },
      dataset: "emoji-style",
      rounds: 1,
      seed: 1,
      slots: clients,
      deadlineMs: 600_000,
      ...config,
    },
    clients,
    source,
    teacher: async () => copyist,
    clock: {
      now: () => 0,
      after(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    },
  });
