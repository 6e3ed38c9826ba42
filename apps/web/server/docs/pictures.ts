import { readFileSync } from "node:fs";
import { join } from "node:path";
import { escapeHtml } from "./escape-html";

/**
 * A picture below `folder` as HTML, with its size, so that no text moves when it comes. Diagrams
 * (`diagram-*.svg`) are put into the page, whose colours they take.
 */
export function drawnPicture(options: {
  readonly path: string;
  readonly alt: string;
  readonly folder: string;
  readonly address: string;
}): string {
  const { path, alt, folder, address } = options;
  const bytes = readFileSync(join(folder, path));
  if (/(^|\/)diagram-[\w-]+\.svg$/.test(path))
    return `<span class="diagram" role="region" aria-label="Diagram" tabindex="0"><span role="img" aria-label="${escapeHtml(alt)}">${bytes.toString("utf8")}</span></span>`;
  const [width, height] = path.endsWith(".svg") ? boxOf(bytes.toString("utf8")) : sizeOfPng(bytes);
  const size = `width="${width}" height="${height}"`;
  return `<img src="${escapeHtml(address)}" alt="${escapeHtml(alt)}" ${size} loading="lazy" decoding="async">`;
}

function boxOf(svg: string): readonly [width: number, height: number] {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  return [Number(width), Number(height)];
}

/** From its header, which comes first (PNG, 11.2.2). */
const sizeOfPng = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)] as const;
