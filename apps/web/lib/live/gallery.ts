import type { GalleryItem } from "@tandem/core/strategy";
import type { GalleryView, SheetView } from "@tandem/protocol/live-view";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { pictureAt } from "../base-path";

export const galleryFilters = ["all", "accepted", "agree", "disagree"] as const;
export type GalleryFilter = (typeof galleryFilters)[number];

export const agrees = ({ verdict, label }: GalleryItem): boolean | undefined =>
  verdict && verdict.label === label;

/** Positions on the sheet of the items that the filter lets through. */
export function chosen(items: readonly GalleryItem[], filter: GalleryFilter): readonly number[] {
  const passes = (item: GalleryItem) => {
    switch (filter) {
      case "all":
        return true;
      case "accepted":
        return item.accepted === true;
      case "agree":
        return agrees(item) === true;
      case "disagree":
        return agrees(item) === false;
    }
  };
  return items.flatMap((item, i) => (passes(item) ? [i] : []));
}

/** How often clients see the class that a prompt has asked for, by class; of what has been judged. */
export function agreementByClass({
  items,
  classes,
}: Pick<GalleryView, "items" | "classes">): readonly {
  readonly name: string;
  readonly agreed: number;
  readonly judged: number;
}[] {
  return classes
    .map((name, label) => {
      const judged = items.filter((item) => item.label === label && item.verdict);
      return { name, agreed: judged.filter(agrees).length, judged: judged.length };
    })
    .filter(({ judged }) => judged > 0)
    .sort((a, b) => a.agreed / a.judged - b.agreed / b.judged);
}

/** CSS that shows one picture of a sheet, scaled to fill its box. */
export function spriteStyle(index: number, columns: number, count: number, sheet: string) {
  const rows = Math.ceil(count / columns);
  const share = (i: number, n: number) => (n === 1 ? 0 : (i / (n - 1)) * 100);
  const x = share(index % columns, columns);
  const y = share(Math.floor(index / columns), rows);
  return {
    backgroundImage: `url("${pictureAt(sheet)}")`,
    backgroundSize: `${columns * 100}% ${rows * 100}%`,
    backgroundPosition: `${x}% ${y}%`,
  };
}

/** Fetched again when what it shows is another. */
export const galleryPath = (
  { id }: Pick<ExperimentView, "id">,
  { round, pictures = "" }: Pick<RoundView, "round" | "pictures">,
): string => `/api/experiments/${id}/rounds/${round}/gallery?pictures=${pictures}`;

/** Rounds after whose lessons there are pictures. */
export const taughtRounds = (rounds: readonly RoundView[]): readonly RoundView[] =>
  rounds.filter(({ pictures, endedAt }) => pictures !== undefined && endedAt !== undefined);

/** The row of pictures of the teacher before its first lesson, or after the one of a round. */
export function lessonRow(
  { id }: Pick<ExperimentView, "id">,
  { prompts, rowColumns }: NonNullable<GalleryView["lessons"]>,
  { round, pictures = "" }: Pick<RoundView, "round" | "pictures">,
  row: "base" | "latest",
): SheetView {
  return {
    sheet: `/api/experiments/${id}/rounds/${round}/lessons.png?pictures=${pictures}&row=${row}`,
    columns: rowColumns,
    count: prompts.length,
  };
}

/** At most so many in a row, with the one of interest in the middle as far as there are enough. */
export function windowAround<T>(all: readonly T[], at: number, most: number): readonly T[] {
  const from = Math.max(0, Math.min(all.length - most, at - Math.floor(most / 2)));
  return all.slice(from, from + most);
}
