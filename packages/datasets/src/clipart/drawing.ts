import sharp from "sharp";
import { toSquare } from "../files/square";

/** Why a file is left out. */
export type Fault =
  | "not public domain"
  | "part of a series"
  | "no noun"
  | "too large"
  | "embedded bitmap"
  | "text"
  | "cannot be drawn"
  | "too slow"
  | "empty"
  | "nearly white"
  | "nearly black"
  | "one colour"
  | "faint"
  | "near duplicate";

const maximumBytes = 600_000;
const timeoutSeconds = 20;
/** Side on which the drawing's bounds are found. */
const draft = 256;

/** What the file alone says: bitmaps may be photographs, and text depends on this machine's fonts. */
export function faultOfFile(svg: string): Fault | undefined {
  if (svg.length > maximumBytes) return "too large";
  if (/<(\w+:)?image[\s>]/.test(svg)) return "embedded bitmap";
  if (/<(\w+:)?(text|flowRoot)[\s>]/.test(svg)) return "text";
  return undefined;
}

/** The drawing without the empty page around it, on white: (size, size, 3) bytes for each size. */
export async function drawClipart(
  svg: string,
  sizes: readonly number[],
): Promise<readonly Uint8Array[] | Fault> {
  try {
    const page = pageOf(svg);
    if (!page) return "cannot be drawn";
    let view = page;
    let drawing = await render(svg, view);
    let box = boundsOf(drawing);
    if (!box || touchesEdge(box, drawing)) {
      // Drawn beyond the page, or right up to its edge: look around the page as well.
      const around = {
        x: page.x - page.width,
        y: page.y - page.height,
        width: page.width * 3,
        height: page.height * 3,
      };
      const wider = await render(svg, around);
      const found = boundsOf(wider);
      if (found && !touchesEdge(found, wider)) [view, drawing, box] = [around, wider, found];
    }
    if (!box) return "empty";
    // Again, with the drawing filling the view.
    const scale = view.width / drawing.width;
    const margin = 1 + Math.max(box.width, box.height) / 32;
    const close = {
      x: view.x + (box.left - margin) * scale,
      y: view.y + (box.top - margin) * scale,
      width: (box.width + 2 * margin) * scale,
      height: (box.height + 2 * margin) * scale,
    };
    const { data, width, height } = await render(svg, close);
    const fine = () => sharp(data, { raw: { width, height, channels: 3 } });
    return await Promise.all(sizes.map((size) => toSquare(fine(), size)));
  } catch (error) {
    return /timeout/i.test(String(error)) ? "too slow" : "cannot be drawn";
  }
}

type Drawing = { readonly data: Buffer; readonly width: number; readonly height: number };
type View = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

const rootTag = /<((?:\w+:)?svg)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/;

/** The part of the plane that the file calls its page, in user units. */
function pageOf(svg: string): View | undefined {
  const attributes = rootTag.exec(svg)?.[2] ?? "";
  const attribute = (name: string) =>
    new RegExp(`(?:^|\\s)${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1];
  const [x, y, width, height] = (attribute("viewBox") ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  if (width > 0 && height > 0) return { x, y, width, height };
  const [w, h] = [lengthOf(attribute("width")), lengthOf(attribute("height"))];
  return w > 0 && h > 0 ? { x: 0, y: 0, width: w, height: h } : undefined;
}

const units: Readonly<Record<string, number>> = {
  pt: 4 / 3,
  pc: 16,
  mm: 3.7796,
  cm: 37.796,
  in: 96,
};

/** In user units; a page without a size is taken for one of 1000. */
function lengthOf(text = "100%"): number {
  const [, number, unit] = /^\s*([\d.eE+-]+)\s*([a-z%]*)/.exec(text) ?? [];
  return unit === "%" ? 1000 : Number(number) * (units[unit] ?? 1);
}

/** The page's own size is ignored: a view is drawn so that its longer side is `draft` pixels. */
async function render(svg: string, view: View): Promise<Drawing> {
  const scale = draft / Math.max(view.width, view.height);
  const [width, height] = [view.width, view.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  );
  const framed = svg.replace(rootTag, (_, tag: string, attributes: string) => {
    const rest = attributes
      .replaceAll(
        /(^|\s)(width|height|viewBox|preserveAspectRatio|x|y)\s*=\s*("[^"]*"|'[^']*')/g,
        "",
      )
      .replace(/\/$/, "");
    const box = [view.x, view.y, view.width, view.height].join(" ");
    return `<${tag}${rest} width="${width}px" height="${height}px" viewBox="${box}">`;
  });
  const { data, info } = await sharp(Buffer.from(framed), { limitInputPixels: draft * draft * 4 })
    .timeout({ seconds: timeoutSeconds })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

type Box = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

const touchesEdge = ({ left, top, width, height }: Box, drawing: Drawing) =>
  left === 0 || top === 0 || left + width === drawing.width || top + height === drawing.height;

function boundsOf({ data, width, height }: Drawing): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      if (Math.min(data[at], data[at + 1], data[at + 2]) >= 246) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  return right < left
    ? undefined
    : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Whether anything can be made out on a finished square. */
export function faultOfPixels(pixels: Uint8Array): Fault | undefined {
  const count = pixels.length / 3;
  let [inked, black, darkness, squares] = [0, 0, 0, 0];
  const sums = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 3) {
    const least = Math.min(pixels[at], pixels[at + 1], pixels[at + 2]);
    const most = Math.max(pixels[at], pixels[at + 1], pixels[at + 2]);
    if (least < 230) inked++;
    if (most < 32) black++;
    darkness += 255 - least;
    for (let c = 0; c < 3; c++) {
      sums[c] += pixels[at + c];
      squares += pixels[at + c] ** 2;
    }
  }
  if (inked / count < 0.05) return "nearly white";
  if (black / count > 0.9) return "nearly black";
  const variance = squares / count - sums.reduce((sum, s) => sum + (s / count) ** 2, 0);
  if (variance < 3 * 8 ** 2) return "one colour";
  return darkness / count < 18 ? "faint" : undefined;
}

/** Indices of pictures that differ by at least `distance` levels (mean over 8x8 cells) from all kept before. */
export function withoutNearDuplicates(
  pictures: readonly Uint8Array[],
  side: number,
  distance = 7,
): readonly number[] {
  const kept: { index: number; cells: Float32Array }[] = [];
  pictures.forEach((pixels, index) => {
    const cells = cellsOf(pixels, side);
    const limit = distance * cells.length;
    const isNear = kept.some((other) => {
      let sum = 0;
      for (let i = 0; i < cells.length && sum < limit; i++)
        sum += Math.abs(cells[i] - other.cells[i]);
      return sum < limit;
    });
    if (!isNear) kept.push({ index, cells });
  });
  return kept.map(({ index }) => index);
}

/** (8, 8, 3) means. */
function cellsOf(pixels: Uint8Array, side: number): Float32Array {
  const cells = new Float32Array(192);
  const step = side / 8;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++)
        cells[(Math.floor(y / step) * 8 + Math.floor(x / step)) * 3 + c] +=
          pixels[(y * side + x) * 3 + c] / step ** 2;
  return cells;
}
