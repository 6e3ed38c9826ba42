import type { RoundResult } from "@tandem/client/messages";
import type { RoundView } from "@tandem/protocol/view";

export type Series = {
  readonly label: string;
  /** Name of a colour of the theme, e.g. `clients`. */
  readonly colour: string;
  /** Something to compare with, not a measurement of this run's course. */
  readonly dashed?: boolean;
  /** One a round; null where it was not measured. */
  readonly values: readonly (number | null)[];
};

const metric = (rounds: readonly RoundView[], name: string) =>
  rounds.map(({ metrics }) => metrics[name] ?? null);

const measured = (series: readonly Series[]): readonly Series[] =>
  series.filter(({ values }) => values.some((value) => value !== null));

export const accuracySeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    { label: "All clients", colour: "ink", values: metric(rounds, "accuracy/mean") },
    { label: "Image", colour: "clients", values: metric(rounds, "accuracy/image") },
    { label: "Text", colour: "series-text", values: metric(rounds, "accuracy/text") },
    {
      label: "Image and text",
      colour: "series-both",
      values: metric(rounds, "accuracy/image-text"),
    },
  ]);

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

/** The pre-trained teacher's score, which is measured once, as a line to compare with. */
const base = (rounds: readonly RoundView[], name: string) => {
  const value = rounds.find(({ metrics }) => name in metrics)?.metrics[name] ?? null;
  return rounds.map(() => value);
};

export const promptSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    {
      label: "Fine-tuned teacher",
      colour: "teacher-ink",
      values: metric(rounds, "teacher/promptAccuracy"),
    },
    {
      label: "Before fine-tuning",
      colour: "ink-faint",
      dashed: true,
      values: base(rounds, "teacher/basePromptAccuracy"),
    },
    {
      label: "Real pictures (ceiling)",
      colour: "good",
      dashed: true,
      values: metric(rounds, "teacher/realAccuracy"),
    },
  ]);

export const frechetSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    {
      label: "Fine-tuned teacher",
      colour: "teacher-ink",
      values: metric(rounds, "teacher/frechet"),
    },
    {
      label: "Before fine-tuning",
      colour: "ink-faint",
      dashed: true,
      values: base(rounds, "teacher/baseFrechet"),
    },
  ]);

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

/** Mean client accuracy after the latest round that has one. */
export const latestAccuracy = (rounds: readonly RoundView[]): number | undefined =>
  rounds.findLast(({ metrics }) => metrics["accuracy/mean"] !== undefined)?.metrics[
    "accuracy/mean"
  ];

/** A participant's own accuracy; by modality only where there is more than one. */
export function historySeries(history: readonly RoundResult[]): readonly Series[] {
  const values = (key: "accuracy" | "image" | "text") => history.map((h) => h[key] ?? null);
  const all = { label: "Accuracy", colour: "ink", values: values("accuracy") };
  const both = history.some(({ image, text }) => image !== undefined && text !== undefined);
  if (!both) return measured([all]);
  return measured([
    all,
    { label: "Image", colour: "clients", values: values("image") },
    { label: "Text", colour: "series-text", values: values("text") },
  ]);
}
