import { type ClientModality, clientModalities, modalitiesOf } from "@tandem/core/data";

/**
 * What things take on two cores of an AMD EPYC, for estimates: training and painting from the tables
 * "browser" and "teacher" of docs/bench.md, bytes from the formats of docs/algorithm.md.
 */
export const costs = {
  /** Mean over architectures: a step of 32 samples on wasm, in milliseconds. */
  stepMs: { image: 30, text: 16, "image-text": 46 },
  stepSamples: 32,
  /** Of a step, for an answer without training. */
  forwardShare: 1 / 3,
  /** Per second at 8 steps with guidance, and samples per second of the adapter's training. */
  teachers: { 16: { painted: 53, taught: 264 }, 32: { painted: 16.8, taught: 82 } },
  /** Training and asking a critic of pictures. */
  criticMs: 260,
  /** Of messages alone, a client and round. */
  messages: { up: 250, down: 620 },
  captionBytes: 55,
  /** Numbers of a description. */
  width: 64,
  /** All weights of a model as sent, mean over architectures. */
  weightBytes: { image: 115_000, text: 79_000, "image-text": 194_000 },
} as const;

/** What is dealt, by data set: samples of all places together, and bytes before a client's first round. */
export type DealtFacts = {
  readonly classes: number;
  readonly side: 16 | 32;
  readonly samples: (slots: number) => number;
  readonly firstBytes: number;
};
const emoji = (samples: number): DealtFacts => ({
  ...{ classes: 8, side: 32, firstBytes: 480_000 },
  samples: () => samples,
});
const clothes: DealtFacts = {
  ...{ classes: 10, side: 16, firstBytes: 320_000 },
  samples: (slots) => Math.min(12_000, 400 * slots),
};
export const dealtFacts: Readonly<Record<string, DealtFacts>> = {
  "emoji-style": emoji(3412),
  "emoji-languages": emoji(3412),
  "emoji-domain": emoji(853),
  "emoji-domain-twemoji": emoji(853),
  "fm-cap": clothes,
  "fm-cap-few": clothes,
  "fm-cap-few-40": clothes,
  "fm-cap-domain": clothes,
  "fm-cap-domains": clothes,
};

export type Traffic = { readonly up: number; readonly down: number };
type About = {
  /** Of the painted set. */
  readonly items: number;
  readonly classes: number;
  /** Answers in half the bytes. */
  readonly isCoarse: boolean;
};
/** Of what a client of this kind exchanges in a round besides the set, in bytes. */
type Exchange = (about: About, modality: ClientModality) => Traffic;

const halves = (modality: ClientModality) => modalitiesOf(modality).length;
const { width, weightBytes } = costs;

const weights: Exchange = (_, modality) => ({
  up: weightBytes[modality],
  down: weightBytes[modality],
});
const nothing: Exchange = () => ({ up: 0, down: 0 });
const probabilities: Exchange = ({ items, classes }, modality) => ({
  up: 2 * items * classes * halves(modality),
  down: 2 * items * classes,
});
/** A row of so many numbers for each class. */
const byClass =
  (numbers: number): Exchange =>
  ({ classes }, modality) => {
    const bytes = 4 * numbers * classes;
    return { up: bytes * halves(modality), down: bytes * halves(modality) };
  };

/** By strategy; what is not here has no estimate. */
export const exchanges: Readonly<Record<string, Exchange>> = {
  local: nothing,
  centralised: nothing,
  "synthetic-only": nothing,
  fedavg: weights,
  fedprox: weights,
  fedmd: probabilities,
  dsfl: probabilities,
  fd: (about, modality) => byClass(1.4 * about.classes)(about, modality),
  fedproto: byClass(width),
  "lg-fedavg": byClass(width),
  feddf: (about, modality) => {
    const [own, said] = [weights(about, modality), probabilities(about, modality)];
    return { up: own.up + said.up, down: own.down + said.down };
  },
  fedgen: (about, modality) => ({
    up: byClass(width)(about, modality).up,
    down: 190_000 * halves(modality), // the generator
  }),
  fedktl: (about, modality) => ({
    up: byClass(1.4 * about.classes)(about, modality).up,
    down: modality === "text" ? 0 : 2000 * about.classes, // a picture a class and its noise
  }),
  creamfl: ({ items }, modality) => {
    const described = items * (width + 2);
    return { up: described * halves(modality), down: 2 * described };
  },
  fedmmkt: ({ items, classes, isCoarse }, modality) => {
    const [p, z] = isCoarse ? [classes, width / 2 + 2] : [2 * classes, width + 2];
    const packed = isCoarse ? 0.85 : 1; // by deflating
    return {
      up: packed * items * (p + z) * halves(modality),
      down: packed * items * (p + 3 + 2 * z),
    };
  },
};

export const kinds = clientModalities;
