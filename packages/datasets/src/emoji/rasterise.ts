import { createRequire } from "node:module";
import sharp from "sharp";
import { toSquare } from "../files/square";
import type { Concept, Vendor } from "./concepts";

const require = createRequire(import.meta.url);
type IconSet = {
  readonly width: number;
  readonly height: number;
  readonly icons: Record<
    string,
    { readonly body: string; readonly width?: number; readonly height?: number }
  >;
};

/** (N, size, size, 3) bytes of one vendor's pictures on white, in concept order. */
export async function rasteriseIcons(
  vendor: Vendor,
  concepts: readonly Concept[],
  options: { readonly size: number; readonly done?: () => void },
): Promise<Uint8Array> {
  const { size, done = () => {} } = options;
  const set: IconSet = require(`@iconify-json/${vendor}/icons.json`);
  const stride = size * size * 3;
  const bytes = new Uint8Array(concepts.length * stride);
  for (const [row, concept] of concepts.entries()) {
    const icon = set.icons[concept.icons[vendor]];
    const [width, height] = [icon.width ?? set.width, icon.height ?? set.height];
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="128" height="128">${icon.body}</svg>`;
    bytes.set(await toSquare(sharp(Buffer.from(svg)), size), row * stride);
    done();
  }
  return bytes;
}

type IconInfo = {
  readonly name: string;
  readonly author: { readonly name: string; readonly url: string };
  readonly license: { readonly spdx: string; readonly url: string };
};

/** Whom to attribute, as the installed icon package says it itself. */
export function iconAttribution(vendor: Vendor) {
  const { name, author, license }: IconInfo = require(`@iconify-json/${vendor}/info.json`);
  const { version }: { version: string } = require(`@iconify-json/${vendor}/package.json`);
  return {
    package: `@iconify-json/${vendor}`,
    version,
    title: name,
    author: author.name,
    url: author.url,
    licence: license.spdx,
    licenceUrl: license.url,
  };
}
