import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { root } from "@tandem/cli/harness/server-process";
import { decode } from "fast-png";
import readQr from "jsqr";

/** Where pictures of the journey go. */
export const pictures = join(root, ".cache/journey");

export async function photograph(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** What a phone's camera reads off the screen; throws where there is no code in the picture. */
export async function scan(shown: Locator): Promise<string> {
  const { data, width, height, channels } = decode(await shown.screenshot());
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let at = 0; at < width * height; at++)
    for (let channel = 0; channel < 3; channel++)
      pixels[at * 4 + channel] = Number(data[at * channels + channel]);
  const read = readQr(pixels, width, height);
  if (!read) throw new Error("no QR code can be read in the screenshot");
  return read.data;
}
