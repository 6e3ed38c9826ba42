import type { GalleryItem } from "@tandem/core/strategy";

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
    backgroundImage: `url("${sheet}")`,
    backgroundSize: `${columns * 100}% ${rows * 100}%`,
    backgroundPosition: `${x}% ${y}%`,
  };
}
