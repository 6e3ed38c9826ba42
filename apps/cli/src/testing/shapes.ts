import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createRng } from "@tandem/core/rng";
import sharp from "sharp";

/** Drawn in a square of 40, moved and coloured by chance. */
const shapes = {
  circle: '<circle r="13"/>',
  square: '<rect x="-11" y="-11" width="22" height="22"/>',
  bars: '<path d="M-14-12h6v24h-6zM-3-12h6v24h-6zM8-12h6v24h-6z"/>',
} as const;
export const shapeNames = Object.keys(shapes) as readonly (keyof typeof shapes)[];

/** Writes so many PNGs of each shape into a folder of its name; no two seeds draw the same. */
export async function drawShapes(directory: string, perClass: number, seed: string): Promise<void> {
  const rng = createRng(seed);
  for (const name of shapeNames) {
    await mkdir(join(directory, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const [x, y] = [20 + rng.integer(7) - 3, 20 + rng.integer(7) - 3];
      const colour = Array.from({ length: 3 }, () => rng.integer(140)).join(",");
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#fff"/><g transform="translate(${x} ${y})" fill="rgb(${colour})">${shapes[name]}</g></svg>`;
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(directory, name, `${i}.png`));
    }
  }
}
