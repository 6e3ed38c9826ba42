import type { RoundResult } from "@tandem/client/messages";
import type { Reference } from "@tandem/core/experiment";
import { clientPartsShare } from "@tandem/datasets/client-parts";
import type { ClientCurvesView, LocalOnlyView } from "@tandem/protocol/live-view";
import type { RoundView } from "@tandem/protocol/view";

export type Series = {
  readonly label: string;
  /** Name of a colour of the theme, e.g. `clients`. */
  readonly colour: string;
  /** Something to compare with, not a measurement of this run's course. */
  readonly dashed?: boolean;
  /** One a round; null where it was not measured. */
  readonly values: readonly (number | null)[];
  /** Standard deviation over clients, likewise. */
  readonly spread?: readonly (number | null)[];
};

const metric = (rounds: readonly RoundView[], name: string) =>
  rounds.map(({ metrics }) => metrics[name] ?? null);

const measured = (series: readonly Series[]): readonly Series[] =>
  series.filter(({ values }) => values.some((value) => value !== null));

const referenceColours = ["ink-faint", "teacher-ink", "bad"] as const;

/** By modality, beside what was measured elsewhere. */
export const accuracySeries = (
  rounds: readonly RoundView[],
  references: readonly Reference[] = [],
  local?: Pick<LocalOnlyView, "accuracy">,
): readonly Series[] =>
  measured([
    {
      label: "All clients",
      colour: "ink",
      values: metric(rounds, "accuracy/mean"),
      spread: metric(rounds, "accuracy/std"),
    },
    { label: "Image", colour: "clients", values: metric(rounds, "accuracy/image") },
    { label: "Text", colour: "series-text", values: metric(rounds, "accuracy/text") },
    {
      label: "Image and text",
      colour: "series-both",
      values: metric(rounds, "accuracy/image-text"),
    },
    ...(local ? [localSeries(rounds, local)] : []),
    ...references.map(({ label, accuracy }, i) => ({
      label,
      colour: referenceColours[i],
      dashed: true,
      values: rounds.map(() => accuracy),
    })),
  ]);

/** The same clients without federation, as long as that has run. */
const localSeries = (
  rounds: readonly RoundView[],
  { accuracy }: Pick<LocalOnlyView, "accuracy">,
): Series => ({
  label: "Local only",
  colour: "ink-soft",
  dashed: true,
  values: rounds.map(({ round }) => accuracy[round - 1] ?? null),
});

/** A line for each client, in the colour of what it holds. */
export const clientSeries = ({ rounds, clients }: ClientCurvesView, shown: readonly number[]) => {
  const column = new Map(rounds.map((round, i) => [round, i]));
  return clients.map(({ modality, accuracy }) => ({
    colour: modalityColours[modality],
    values: shown.map((round) => accuracy[column.get(round) ?? -1] ?? null),
  }));
};
const modalityColours = {
  image: "clients",
  text: "series-text",
  "image-text": "series-both",
} as const;

const partColours = [
  "clients",
  "series-text",
  "series-both",
  "teacher-ink",
  "ink-faint",
  "bad",
] as const;

/** A line for each metric below a prefix, such as every style's; colours begin anew after six. */
export function partSeries(rounds: readonly RoundView[], prefix: string): readonly Series[] {
  const names = new Set(rounds.flatMap(({ metrics }) => Object.keys(metrics)));
  return [...names]
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name, i) => ({
      label: name.slice(prefix.length),
      colour: partColours[i % partColours.length],
      values: metric(rounds, name),
    }));
}

export const recallSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    {
      label: "Picture is first",
      colour: "clients",
      values: metric(rounds, "retrieval/text-to-image/r1"),
    },
    {
      label: "Picture in first ten",
      colour: "series-text",
      values: metric(rounds, "retrieval/text-to-image/r10"),
    },
    {
      label: "Caption is first",
      colour: "series-both",
      values: metric(rounds, "retrieval/image-to-text/r1"),
    },
    {
      label: "Caption in first ten",
      colour: "teacher-ink",
      values: metric(rounds, "retrieval/image-to-text/r10"),
    },
  ]);

type Measure = (metrics: RoundView["metrics"]) => number | undefined;

/** Lines of the teacher's lessons, of its base and of real pictures. */
function teacherSeries(
  rounds: readonly RoundView[],
  { lessons, base, real }: { readonly lessons: Measure; readonly base: Measure; real?: Measure },
): readonly Series[] {
  const by = (measure: Measure) => rounds.map(({ metrics }) => measure(metrics) ?? null);
  const ofBase = by(base).find((value) => value !== null) ?? null; // measured once
  return measured([
    { label: "Fine-tuned teacher", colour: "teacher-ink", values: by(lessons) },
    {
      label: "Before fine-tuning",
      colour: "ink-faint",
      dashed: true,
      values: rounds.map(() => ofBase),
    },
    {
      label: "Real pictures (ceiling)",
      colour: "good",
      dashed: true,
      values: real ? by(real) : [],
    },
  ]);
}

export const promptSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  teacherSeries(rounds, {
    lessons: (metrics) => metrics["teacher/promptAccuracy"],
    base: (metrics) => metrics["teacher/basePromptAccuracy"],
    real: (metrics) => metrics["teacher/realAccuracy"],
  });

export const frechetSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  teacherSeries(rounds, {
    lessons: (metrics) => metrics["teacher/frechet"],
    base: (metrics) => metrics["teacher/baseFrechet"],
  });

/** Shares of pictures in the style, or whichever part of the data set, that the clients hold. */
export const styleSeries = (rounds: readonly RoundView[], dataset: string): readonly Series[] =>
  teacherSeries(rounds, {
    lessons: (metrics) => clientPartsShare(dataset, metrics, "teacher/part/"),
    base: (metrics) => clientPartsShare(dataset, metrics, "teacher/basePart/"),
    real: (metrics) => clientPartsShare(dataset, metrics, "teacher/realPart/"),
  });

/** A round that has sent nothing yet has no value. */
export const bytesSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    {
      label: "Up, from clients",
      colour: "clients",
      values: rounds.map(({ bytesUp }) => bytesUp || null),
    },
    {
      label: "Down, from server",
      colour: "teacher-ink",
      values: rounds.map(({ bytesDown }) => bytesDown || null),
    },
  ]);

/** A participant's own accuracy beside chance; by modality only where there is more than one. */
export function historySeries(history: readonly RoundResult[], classes: number): readonly Series[] {
  const values = (key: "accuracy" | "image" | "text") => history.map((h) => h[key] ?? null);
  const all = { label: "Accuracy", colour: "ink", values: values("accuracy") };
  const both = history.some(({ image, text }) => image !== undefined && text !== undefined);
  return measured([
    all,
    ...(both
      ? [
          { label: "Image", colour: "clients", values: values("image") },
          { label: "Text", colour: "series-text", values: values("text") },
        ]
      : []),
    {
      label: "Chance",
      colour: "ink-faint",
      dashed: true,
      values: history.map(() => 1 / classes),
    },
  ]);
}
