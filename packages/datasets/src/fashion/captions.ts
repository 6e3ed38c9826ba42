import { TandemError } from "@tandem/core/errors";
import { createRng, type Rng } from "@tandem/core/rng";

export const fashionClasses = [
  "T-shirt",
  "Trousers",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Boot",
] as const;
/** Two synonyms a class. */
export const classWords: readonly (readonly [string, string])[] = [
  ["tshirt", "tee"],
  ["trousers", "pants"],
  ["pullover", "sweater"],
  ["dress", "gown"],
  ["coat", "jacket"],
  ["sandal", "slipper"],
  ["shirt", "blouse"],
  ["sneaker", "trainer"],
  ["bag", "handbag"],
  ["boot", "bootie"],
];
export const tones = ["dark", "grey", "light"] as const;
export const shapes = ["narrow", "regular", "wide"] as const;

export type Prompt = { readonly label: number; readonly tone: number; readonly shape: number };

export const promptText = ({ label, tone, shape }: Prompt, synonym: 0 | 1): string =>
  `a ${tones[tone]} ${shapes[shape]} ${classWords[label][synonym]}`;

export const promptKey = ({ label, tone, shape }: Prompt): number => (label * 3 + tone) * 3 + shape;

/** All 90, in the order of their keys. */
export const prompts: readonly Prompt[] = fashionClasses.flatMap((_, label) =>
  tones.flatMap((_, tone) => shapes.map((_, shape) => ({ label, tone, shape }))),
);

/** Each of the 9 pairs of attributes once, each with a class of its own (seed 1): never in D_pub. */
export const heldOut: ReadonlySet<number> = (() => {
  const rng = createRng("fm-cap/held-out/1");
  const labels = rng.permutation(10);
  return new Set(
    Array.from(rng.permutation(9), (pair, i) =>
      promptKey({ label: labels[i], tone: Math.floor(pair / 3), shape: pair % 3 }),
    ),
  );
})();

const tops = [
  "worn on the upper body",
  "cut from soft cloth",
  "has a neckline",
  "hangs on a hanger",
];
const footwear = ["comes as a pair", "has a sole", "sold by foot size", "kept by the front door"];

/** No class word in any of them; four of twelve belong to all classes that are easily confused. */
const own: readonly (readonly string[])[] = [
  "short sleeves|plain cotton jersey|printed front|round crew neck|worn to the gym|casual summer basic|slips over the head unbuttoned|arms left bare",
  "two long legs|waistband with a zip|belt loops|pressed crease|ankle length|pockets at the hips|covers both legs|inseam and outseam|worn below the waist|denim or wool|cuffs at the hem|button at the waist",
  "knitted wool|ribbed cuffs|long knit sleeves|pulled on against the cold|cable stitch|warm winter layer|turtle neck|stretchy hem",
  "flowing skirt|one single garment from shoulder to knee|fitted waist|evening wear|floral summer cut|swings when dancing|strapless top|pleats down to the hem",
  "outer layer|long lapels|buttoned down the whole front|heavy lining|worn over everything else|deep side pockets|storm collar|keeps out wind and rain",
  "open toes|thin straps|buckle at the ankle|worn at the beach|bare heel|airy summer sole|cork footbed|shows the toes",
  "buttoned placket|pointed collar|chest pocket|formal office wear|goes with a tie|cuffs with buttons|ironed smooth|tucked in at the waist",
  "laced up for running|rubber tread|cushioned midsole|sports court grip|low cut canvas|padded tongue|side stripes|made for jogging",
  "carried by a handle|shoulder strap|holds keys and a wallet|zip compartment|leather flap|carried in the hand|inside lining pocket|clasp on top|shopping companion|for books and papers|metal ring fittings|boxy outline",
  "high shaft|covers the ankle|stacked heel|for snow and mud|leather shank|zip along the calf|pull tab at the back|stiff walking heel",
].map((line) => line.split("|"));
const sharedOf: readonly (readonly string[])[] = fashionClasses.map((_, label) =>
  [0, 2, 3, 4, 6].includes(label) ? tops : [5, 7, 9].includes(label) ? footwear : [],
);

/** The twelve phrases of each class with the weights that they are drawn with. */
export const phrases: readonly (readonly (readonly [string, number])[])[] = own.map(
  (texts, label) => [
    ...texts.map((text) => [text, 1] as const),
    // General phrases are the commoner ones; 3.5 puts Bayes accuracy at about 90 %.
    ...sharedOf[label].map((text) => [text, 3.5] as const),
  ],
);

/** Three of the class's phrases, without replacement. */
export function describeItem(label: number, rng: Rng): string {
  const left = [...phrases[label]];
  return Array.from({ length: 3 }, () => {
    let at = rng.uniform() * left.reduce((sum, [, weight]) => sum + weight, 0);
    const chosen = left.findIndex(([, weight]) => {
      at -= weight;
      return at < 0;
    });
    const [[text]] = left.splice(Math.max(0, chosen), 1);
    return text;
  }).join(", ");
}

/** Accuracy of a classifier that knows how descriptions are drawn, classes being equally likely. */
export function bayesAccuracy(): number {
  const best = new Map<string, number>();
  for (const own of phrases) {
    const total = own.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [a, wa] of own)
      for (const [b, wb] of own)
        for (const [c, wc] of own) {
          if (a === b || b === c || a === c) continue;
          const p = (wa / total) * (wb / (total - wa)) * (wc / (total - wa - wb));
          const key = [a, b, c].join();
          best.set(key, Math.max(best.get(key) ?? 0, p / phrases.length));
        }
  }
  return [...best.values()].reduce((sum, p) => sum + p, 0);
}

export type CaptionNoise = {
  /** "ring": each class is always taken for the same other one; "uniform": for any other. */
  readonly kind: "ring" | "uniform";
  /** Of the captions of each class. */
  readonly share: number;
  readonly seed?: number;
};

/** The class that each caption names; a wrong one never makes a held-out prompt. */
export function captionClasses(items: readonly Prompt[], noise: CaptionNoise): Int32Array {
  const { kind, share, seed = 1 } = noise;
  const rng = createRng(`fm-cap/noise/${kind}/${seed}`);
  const named = Int32Array.from(items, ({ label }) => label);
  for (let label = 0; label < 10; label++) {
    const wrongFor = (item: Prompt) =>
      (kind === "ring" ? [(label + 1) % 10] : [...fashionClasses.keys()]).filter(
        (other) => other !== label && !heldOut.has(promptKey({ ...item, label: other })),
      );
    const rows = [...items.keys()].filter((row) => items[row].label === label);
    const open = rows.filter((row) => wrongFor(items[row]).length > 0);
    const count = Math.round(share * rows.length);
    if (!(share >= 0 && count <= open.length))
      throw new TandemError(
        "bad-config",
        `${share} of the captions of class ${fashionClasses[label]} cannot be wrong: at most ${open.length} of ${rows.length} can.`,
      );
    for (const i of rng.permutation(open.length).slice(0, count)) {
      const choices = wrongFor(items[open[i]]);
      named[open[i]] = choices[rng.integer(choices.length)];
    }
  }
  return named;
}
