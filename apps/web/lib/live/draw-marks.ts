import type uPlot from "uplot";
import type { Mark } from "./layers";

/** Points of a longer line that get a mark, so that marks stay apart. */
const mostMarks = 12;
const eachUpTo = 40;

/** The mark of a line, with which its legend names it, at its points: at each of few, else at some and the last. */
export function drawMarks(
  plot: uPlot,
  { at, mark, colour }: { readonly at: number; readonly mark: Mark; readonly colour: string },
): void {
  const { ctx, bbox } = plot;
  const [xs, ys] = [plot.data[0], plot.data[at]];
  const last = ys.findLastIndex((value) => value != null);
  const every = xs.length > eachUpTo ? Math.ceil(xs.length / mostMarks) : 1;
  const size = 3 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  for (let i = 0; i <= last; i++) {
    const value = ys[i];
    if (value == null || (i % every !== 0 && i !== last)) continue;
    const [x, y] = [plot.valToPos(xs[i], "x", true), plot.valToPos(value, "y", true)];
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.fill(new Path2D(markPath(mark, { x, y, size })));
  }
  ctx.restore();
}

/** Of an SVG or a canvas. */
export function markPath(
  mark: Mark,
  { x, y, size }: { readonly x: number; readonly y: number; readonly size: number },
): string {
  const wide = size * 1.3;
  switch (mark) {
    case "circle":
      return `M${x - size},${y}a${size},${size} 0 1,0 ${2 * size},0a${size},${size} 0 1,0 ${-2 * size},0z`;
    case "square":
      return `M${x - size},${y - size}h${2 * size}v${2 * size}h${-2 * size}z`;
    case "triangle":
      return `M${x},${y - wide}L${x + wide},${y + size}H${x - wide}z`;
    case "diamond":
      return `M${x},${y - wide}L${x + wide},${y}L${x},${y + wide}L${x - wide},${y}z`;
  }
}
