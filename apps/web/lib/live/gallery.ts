import type { GalleryItem } from "@tandem/core/strategy";
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

/** Rows that the server keeps of a long run (`fedmmkt/shown.ts`). */
const mostRows = 11;

/** Each round whose lesson has its row, and a row for each to come; 0 is the base. */
export function lessonRows(shown: readonly number[], planned: number): readonly number[] {
  const next = (shown.at(-1) ?? -1) + 1;
  const room = Math.max(0, Math.min(planned + 1, mostRows) - shown.length);
  const toCome = Array.from({ length: Math.min(room, planned + 1 - next) }, (_, i) => next + i);
  return [...shown, ...toCome];
}
