import type { RoundView } from "@tandem/protocol/view";

export type Series = {
  readonly label: string;
  /** Name of a colour of the theme, e.g. `clients`. */
  readonly colour: string;
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

export const promptSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    {
      label: "Prompt accuracy",
      colour: "teacher-ink",
      values: metric(rounds, "teacher/prompt-accuracy"),
    },
    {
      label: "Real pictures (ceiling)",
      colour: "ink-faint",
      values: metric(rounds, "teacher/real-accuracy"),
    },
  ]);

export const frechetSeries = (rounds: readonly RoundView[]): readonly Series[] =>
  measured([
    { label: "Fréchet distance", colour: "teacher-ink", values: metric(rounds, "teacher/frechet") },
  ]);

export const bytesSeries = (rounds: readonly RoundView[]): readonly Series[] => [
  { label: "Up, from clients", colour: "clients", values: rounds.map((r) => r.bytesUp) },
  { label: "Down, from server", colour: "teacher-ink", values: rounds.map((r) => r.bytesDown) },
];

/** Mean client accuracy after the latest round that has one. */
export const latestAccuracy = (rounds: readonly RoundView[]): number | undefined =>
  rounds.findLast(({ metrics }) => metrics["accuracy/mean"] !== undefined)?.metrics[
    "accuracy/mean"
  ];
