// Okabe & Ito's colours, which colour-blind readers can tell apart, darkened and lightened.
const colours = [
  { light: "#0072b2", dark: "#5ab4e8" },
  { light: "#c44e00", dark: "#f08a4b" },
  { light: "#007a5a", dark: "#2fc79c" },
  { light: "#a8458a", dark: "#dd8fc4" },
  { light: "#8a6d00", dark: "#e3c33a" },
  { light: "#3f51b5", dark: "#9fa8f5" },
  { light: "#6b7280", dark: "#a3abb8" },
] as const;
const ink = { light: "#10131f", dark: "#eef0f7" } as const;
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

export type Look = {
  readonly colour: string;
  /** Lengths of strokes and gaps in pixels; none: one stroke. */
  readonly dash: readonly number[];
  readonly width: number;
};

/** Of the arm at this place: no two of 28 have both colour and dash in common; the pinned one is thick, solid ink. */
export function lookOf(place: number, isPinned: boolean, theme: "light" | "dark"): Look {
  if (isPinned) return { colour: ink[theme], dash: [], width: 3.25 };
  return {
    colour: colours[place % colours.length][theme],
    dash: dashes[place % dashes.length],
    width: 1.75,
  };
}
