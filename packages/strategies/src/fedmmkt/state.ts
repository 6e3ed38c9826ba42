import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import type { Lessons, Metrics } from "@tandem/core/strategy";
import { type Arrays, addPrefix, arrayOf, type TensorOf, underPrefix } from "@tandem/core/tensor";
import { type PaintedSet, paintedSet } from "../synthetic-set/painted-set";
import { type Beliefs, readBeliefs, writeBeliefs } from "./beliefs";
import type { Shown } from "./shown";

type Floats = TensorOf<"f32">;

/**
 * What the server knows between its steps: `kept` from round to round, `round` once a set is painted
 * (docs/algorithm.md A10).
 */
export type FedmmktState = { readonly kept: Kept; readonly round: Round | undefined };
export type FedmmktStep = { readonly state: FedmmktState; readonly metrics: Metrics };

/** Weights are empty where there are none. */
export type Kept = {
  /** The server's own small model, and what it was before any client had taught it. */
  readonly student: Arrays;
  readonly publicStudent: Arrays;
  /** The teacher's LoRA. */
  readonly adapter: Arrays;
  readonly beliefs: Beliefs;
  /** The server's critic, which tells the clients' pictures from painted ones as theirs have. */
  readonly critic: Arrays;
  /** The last set as the teacher was taught it. */
  readonly taught: Taught | undefined;
  /** `past/<set>/…`, in the form that `synthetic-set/past-sets` keeps. */
  readonly past: Payload;
  /** What the base and later lessons make of the same prompts. */
  readonly shown: Shown | undefined;
};

/** Pictures (M, h, w, 3) with their prompts and classes, w̄ and how often a lesson shall have each (M,). */
export type Taught = {
  readonly images: TensorOf<"u8">;
  readonly prompts: readonly string[];
  readonly labels: readonly number[];
  readonly importances: Floats;
  readonly weights: Floats;
};

/** One set of N items, and what is known of it. */
export type Round = {
  readonly set: PaintedSet;
  /** (N, h, w, 3). */
  readonly images: TensorOf<"u8">;
  /** Of the student: unit rows (N, d), and what it sees in the pictures (N, C). */
  readonly g: { readonly image: Floats; readonly text: Floats; readonly seen: Floats };
  /** Of the public student as judge: probabilities (N, C) and unit rows (N, d). */
  readonly self:
    | { readonly probabilities: Floats; readonly image: Floats; readonly text: Floats }
    | undefined;
  /** What was learnt of the set before, which goes out with this one. */
  readonly last: { readonly set: number | null; readonly knowledge: Knowledge | undefined };
  /** Once the answers are fused. */
  readonly knowledge: Knowledge | undefined;
  /** Of who judges the pictures, if anybody does. */
  readonly verdict: Verdict | undefined;
  /** w̄ (N,), how much more often clients would show the pictures than the teacher does, if critics say so. */
  readonly importances: Floats | undefined;
};

/** Classes (N, C), how sure of them (N,), whether the prompt holds (N,), unit rows (N, d). */
export type Knowledge = {
  readonly target: Floats;
  readonly confidence: Floats;
  readonly accepted: TensorOf<"u8">;
  readonly image: Floats;
  readonly text: Floats;
};

/** What is seen (N, C), what is accepted (N,), R and A of each item. */
export type Verdict = {
  readonly seen: Floats;
  readonly accepted: TensorOf<"u8">;
  readonly rewards: readonly number[];
  readonly advantages: readonly number[];
};

/** What meta holds of a state; plain JSON by `writeState`, its only writer. */
type Meta = Partial<PaintedSet> & {
  readonly past?: JsonObject["past"];
  readonly last?: number | null;
  readonly taught?: Pick<Taught, "prompts" | "labels">;
  readonly shown?: Omit<Shown, "images">;
  readonly rewards?: readonly number[];
  readonly advantages?: readonly number[];
};
const metaOf = ({ meta }: Payload) => meta as unknown as Meta;

const weights = ["student", "publicStudent", "adapter", "critic"] as const;
const prefixes = { publicStudent: "public-student" } as Readonly<Record<string, string>>;
const shownImages = "shown/images";
const prefixOf = (name: (typeof weights)[number]) => `${prefixes[name] ?? name}/`;

export function readState(payload: Payload): FedmmktState {
  const { arrays } = payload;
  const { past, taught, shown } = metaOf(payload);
  const own = (name: (typeof weights)[number]) => underPrefix(prefixOf(name), arrays);
  return {
    kept: {
      student: own("student"),
      publicStudent: own("publicStudent"),
      adapter: own("adapter"),
      critic: own("critic"),
      taught: taught && {
        ...taught,
        images: arrayOf(arrays, "taught/images", "u8"),
        importances: arrayOf(arrays, "taught/importances", "f32"),
        weights: arrayOf(arrays, "taught/weights", "f32"),
      },
      beliefs: readBeliefs(payload),
      past: { arrays: named(/^past\//, arrays), meta: past === undefined ? {} : { past } },
      shown: shown && { ...shown, images: arrayOf(arrays, shownImages, "u8") },
    },
    round: readRound(payload),
  };
}

/** The round alone; undefined before the first. */
export function readRound(payload: Payload): Round | undefined {
  const { arrays } = payload;
  if (!("images" in arrays)) return undefined;
  const { last = null, rewards = [], advantages = [] } = metaOf(payload);
  const { set, classes, prompts, captions, labels, asked } = paintedSet(payload);
  const floats = (name: string) => arrayOf(arrays, name, "f32");
  const knowledge = (prefix: string): Knowledge | undefined =>
    `${prefix}target` in arrays
      ? {
          target: floats(`${prefix}target`),
          confidence: floats(`${prefix}confidence`),
          accepted: arrayOf(arrays, `${prefix}accepted`, "u8"),
          image: floats(`${prefix}image`),
          text: floats(`${prefix}text`),
        }
      : undefined;
  return {
    set: { set, classes, prompts, captions, labels, ...(asked && { asked }) },
    images: arrayOf(arrays, "images", "u8"),
    g: { image: floats("g/image"), text: floats("g/text"), seen: floats("g/seen") },
    self:
      "self/probabilities" in arrays
        ? {
            probabilities: floats("self/probabilities"),
            image: floats("self/image"),
            text: floats("self/text"),
          }
        : undefined,
    last: { set: last, knowledge: knowledge("last/") },
    knowledge: knowledge("knowledge/"),
    verdict:
      "verdict/seen" in arrays
        ? {
            seen: floats("verdict/seen"),
            accepted: arrayOf(arrays, "verdict/accepted", "u8"),
            rewards,
            advantages,
          }
        : undefined,
    importances: "importances" in arrays ? floats("importances") : undefined,
  };
}

/** What of the lessons can be shown, without a copy. */
export const lessonsIn = (payload: Payload): Lessons | undefined => {
  const { shown } = metaOf(payload);
  return shown && { images: shownImages, ...shown };
};

/** The bytes that `readState` has read, but for the order of meta. */
export function writeState({ kept, round }: FedmmktState): Payload {
  const { past, taught, shown } = kept;
  const beliefs = writeBeliefs(kept.beliefs);
  const all = weights.map((name) => addPrefix(prefixOf(name), kept[name]));
  const meta: Meta = {
    ...round?.set,
    ...beliefs.meta,
    ...(past.meta.past !== undefined && { past: past.meta.past }),
    ...(round && { last: round.last.set }),
    ...(taught && { taught: { prompts: taught.prompts, labels: taught.labels } }),
    ...(shown && { shown: { prompts: shown.prompts, rounds: shown.rounds } }),
    ...(round?.knowledge && {
      rewards: round.verdict?.rewards ?? [],
      advantages: round.verdict?.advantages ?? [],
    }),
  };
  const pictures = [
    ...Object.keys(past.arrays).filter((name) => name.endsWith("/images")),
    ...(taught ? ["taught/images"] : []),
    ...(shown ? [shownImages] : []),
    "images",
  ];
  return {
    arrays: {
      ...Object.assign({}, ...all),
      ...beliefs.arrays,
      ...past.arrays,
      ...(taught && {
        "taught/images": taught.images,
        "taught/importances": taught.importances,
        "taught/weights": taught.weights,
      }),
      ...(shown && { [shownImages]: shown.images }),
      ...(round && written(round)),
    },
    meta: meta as unknown as JsonObject, // plain JSON by its type
    encoding: Object.fromEntries(pictures.map((name) => [name, "png"])),
  };
}

const written = ({ images, g, self, last, knowledge, verdict, importances }: Round): Arrays => ({
  images,
  ...addPrefix("g/", g),
  ...(self && addPrefix("self/", self)),
  ...(last.knowledge && addPrefix("last/", last.knowledge)),
  ...(knowledge && addPrefix("knowledge/", knowledge)),
  ...(verdict && { "verdict/seen": verdict.seen, "verdict/accepted": verdict.accepted }),
  ...(importances && { importances }),
});

const named = (pattern: RegExp, arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).filter(([name]) => pattern.test(name)));

/** Whether there are no weights of it. */
export const isNone = (arrays: Arrays): boolean => Object.keys(arrays).length === 0;

/** The round of a state whose set is painted. */
export function roundOf({ round }: Pick<FedmmktState, "round">): Round {
  if (!round) throw new Error("no set has been painted");
  return round;
}
