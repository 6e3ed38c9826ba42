import { formatWholePercent } from "@tandem/core/format";

/** The words of every chart, on whichever page. */
export const text = {
  blank: "Nothing measured yet",
  asTable: "Show as table",
  asChart: "Show as chart",
  asNumbers: (title: string) => `${title}, as numbers`,
  byRound: (title: string) => `${title} by round`,
  round: "Round",
  none: "–",
  legend: (title: string) => `${title}: lines and their latest values`,
  plot: (title: string) => `${title}: chart`,
  keys: "Left and right arrows read rounds, plus and minus zoom, Escape shows all rounds.",
  drag: "Drag to zoom, double-click to show all rounds",
  zoomed: (from: number, to: number) => `Rounds ${from} to ${to}`,
  reset: "Show all rounds",
  spread: "Spread over clients",
  smoothing: "Smoothing",
  smoothingValue: (weight: number) => (weight === 0 ? "off" : formatWholePercent(weight)),
  pages: {
    label: (what: string) => `Pages of ${what}`,
    range: (from: number, to: number, of: number) => `${from} to ${to} of ${of}`,
    before: "Previous",
    next: "Next",
  },
} as const;
