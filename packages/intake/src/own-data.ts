import { type ClientModality, heldWords, type LabelledSet, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { listed, plural } from "@tandem/core/format";
import { grouped } from "@tandem/core/grouped";
import { heldOutCount } from "@tandem/core/held-out";
import { tooMuch } from "@tandem/core/own-bounds";
import { withoutMasked } from "@tandem/core/presence";
import { leastHeldOut, type Task } from "@tandem/core/task";
import { f32, type TensorOf, u8 } from "@tandem/core/tensor";
import type { Intake, Sample } from "./intake";

type OwnTask = Pick<Task, "classes" | "modalities" | "pictures" | "least" | "backbone">;
type LabelledSample = Sample & { readonly label: number };

/** What stands in the way of taking part, or is worth knowing first. */
export type Finding = {
  readonly code:
    | "few"
    | "few-held-out"
    | "few-of-class"
    | "guesses"
    | "kind"
    | "no-class"
    | "parts"
    | "too-much";
  /** It has to be dealt with. */
  readonly blocks: boolean;
  /** With numbers, and the way out. */
  readonly sentence: string;
};

/** What it would be to bring these samples: the richest kind of which there are enough, else of any. */
export function modalityFor(intake: Intake, task: OwnTask): ClientModality {
  const labelled = intake.samples.filter(isLabelled);
  const count = (modality: ClientModality) =>
    labelled.filter((sample) => isWhole(sample, modality)).length;
  const kinds = (["image-text", "image", "text"] as const).filter((kind) =>
    task.modalities.includes(kind),
  );
  const enough = kinds.find((kind) => count(kind) >= Math.max(1, task.least.participant));
  return enough ?? kinds.reduce((best, kind) => (count(kind) > count(best) ? kind : best));
}

/** What is to be said before the samples are used, the graver first. */
export function findingsOf(
  intake: Intake,
  task: OwnTask,
  modality: ClientModality = modalityFor(intake, task),
): readonly Finding[] {
  const used = usedOf(intake, modality);
  const unnamed = intake.samples.length - intake.samples.filter(isLabelled).length;
  const blocks = [
    ...guesses(intake, task),
    ...kind(intake, task, modality, used),
    ...fewOf(task, used, unnamed),
    ...muchOf(task, used),
  ];
  const parts = used.filter((sample) => !isWhole(sample, modality)).length;
  const heldOut = blocks.length > 0 ? undefined : heldOutOf(used, modality);
  return [
    ...blocks.map(([code, sentence]): Finding => ({ code, blocks: true, sentence })),
    ...(unnamed > 0
      ? [note("no-class", `${plural(unnamed, "sample")} without a class will not be used.`)]
      : []),
    ...(parts > 0
      ? [
          note(
            "parts",
            `${plural(parts, "sample")} of ${used.length} lack the picture or the text.`,
          ),
        ]
      : []),
    ...(heldOut !== undefined && heldOut < leastHeldOut
      ? [
          note(
            "few-held-out",
            `Only ${plural(heldOut, "sample")} can be held out to measure on, and ${leastHeldOut} are needed to show an accuracy: bring more.`,
          ),
        ]
      : []),
  ];
}

const note = (code: Finding["code"], sentence: string): Finding => ({
  code,
  blocks: false,
  sentence,
});

type Blocking = readonly [Finding["code"], string];

function guesses({ folders }: Intake, { classes }: OwnTask): readonly Blocking[] {
  const open = folders.filter(({ guess }) => guess !== undefined);
  if (open.length === 0) return [];
  const some = open
    .slice(0, 3)
    .map(({ name, guess = 0 }) => `"${name}" for "${classes[guess].name}"`)
    .join(", ");
  const more = open.length > 3 ? ` and ${open.length - 3} more` : "";
  return [["guesses", `Taken as a guess: ${some}${more}. Confirm it, or choose another class.`]];
}

function kind(
  { samples }: Intake,
  { modalities }: OwnTask,
  modality: ClientModality,
  used: readonly Sample[],
): readonly Blocking[] {
  const allowed = listed(
    modalities.map((one) => heldWords[one]),
    "or",
  );
  if (!modalities.includes(modality))
    return [["kind", `This study takes ${allowed}, not ${heldWords[modality]}.`]];
  const pairs = used.filter((sample) => isWhole(sample, modality));
  if (samples.length === 0 || pairs.length > 0 || !samples.some(isLabelled)) return [];
  return [
    ["kind", `None of your ${plural(samples.length, "sample")} has what is needed: ${allowed}.`],
  ];
}

function fewOf(
  { classes, least }: OwnTask,
  used: readonly LabelledSample[],
  unnamed: number,
): readonly Blocking[] {
  const all = Math.max(1, least.participant);
  if (used.length < all)
    return [
      [
        "few",
        `You have ${plural(used.length, "sample")} with a class, and ${all} are needed: ${unnamed > 0 ? "give a class to those without one, or " : ""}add ${all - used.length} more.`,
      ],
    ];
  return classes.flatMap(({ name }, label): readonly Blocking[] => {
    const count = used.filter((sample) => sample.label === label).length;
    if (count === 0 || count >= least.class) return [];
    return [
      [
        "few-of-class",
        `"${name}" has ${plural(count, "sample")}, and ${least.class} of a class are needed: add ${least.class - count} more, or take ${count === 1 ? "it" : "them"} out.`,
      ],
    ];
  });
}

function muchOf({ pictures, backbone }: OwnTask, used: readonly Sample[]): readonly Blocking[] {
  const shown = used.filter(({ picture }) => picture).length;
  const amount = {
    pictures: shown * 3 * pictures.size ** 2,
    features: shown * 4 * (backbone?.features ?? 0),
    texts: used.reduce((all, { caption = "" }) => all + caption.length, 0),
  };
  const sentence = tooMuch(amount, used.length);
  return sentence ? [["too-much", sentence]] : [];
}

const isLabelled = (sample: Sample): sample is LabelledSample => sample.label !== undefined;

const holds = (sample: Sample, modality: "image" | "text") =>
  (modality === "image" ? sample.picture : sample.caption) !== undefined;
const isWhole = (sample: Sample, modality: ClientModality) =>
  modalitiesOf(modality).every((one) => holds(sample, one));

/** Samples with a class and any of what the kind consists of. */
const usedOf = ({ samples }: Intake, modality: ClientModality): readonly LabelledSample[] =>
  samples
    .filter(isLabelled)
    .filter((sample) => modalitiesOf(modality).some((one) => holds(sample, one)));

/** How many samples would be held out, if none has been before. */
function heldOutOf(used: readonly LabelledSample[], modality: ClientModality): number {
  const ofClasses = grouped(used, ({ label }) => String(label));
  return Array.from(ofClasses.values(), (own) =>
    Math.min(own.filter((sample) => isWhole(sample, modality)).length, heldOutCount(own.length)),
  ).reduce((sum, count) => sum + count, 0);
}

/**
 * The samples that have a class, as one set, of whose pictures the task's backbone has made the features.
 * Throws `bad-data` with all that stands in the way.
 */
export function toOwnSet(
  intake: Intake,
  task: OwnTask,
  modality: ClientModality = modalityFor(intake, task),
): LabelledSet {
  const faults = findingsOf(intake, task, modality).filter(({ blocks }) => blocks);
  if (faults.length > 0)
    throw new TandemError("bad-data", faults.map(({ sentence }) => sentence).join(" "));
  return setOf(usedOf(intake, modality), task, modality);
}

/** (N, d), with a row of zeros where there is no picture. */
function featuresOf(samples: readonly Sample[], width: number): TensorOf<"f32"> {
  const all = new Float32Array(samples.length * width);
  for (const [row, { picture, features, from }] of samples.entries()) {
    if (!picture) continue;
    if (features?.length !== width)
      throw new TandemError(
        "bad-data",
        `${from} has ${features ? `${features.length} features` : "no features"}, and the study's backbone makes ${width}: add its file again.`,
      );
    all.set(features, row * width);
  }
  return f32([samples.length, width], all);
}

function setOf(
  samples: readonly LabelledSample[],
  { pictures: { size }, backbone }: OwnTask,
  modality: ClientModality,
): LabelledSet {
  const length = size * size * 3;
  const pixels = new Uint8Array(modality === "text" ? 0 : samples.length * length);
  if (modality !== "text")
    for (const [row, { picture }] of samples.entries())
      if (picture) pixels.set(picture, row * length);
  const mask = (one: "image" | "text") => samples.map((sample) => Number(holds(sample, one)));
  const whole: LabelledSet = {
    size: samples.length,
    labels: Int32Array.from(samples, ({ label }) => label),
    ...(modality !== "text" && { images: u8([samples.length, size, size, 3], pixels) }),
    ...(modality !== "text" && backbone && { features: featuresOf(samples, backbone.features) }),
    ...(modality !== "image" && { captions: samples.map(({ caption = "" }) => caption) }),
  };
  if (modality !== "image-text") return whole;
  return withoutMasked(whole, {
    image: Uint8Array.from(mask("image")),
    text: Uint8Array.from(mask("text")),
  });
}
