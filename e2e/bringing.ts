import { expect, type Locator, type Page } from "@playwright/test";
import { zipSync } from "fflate";

/** What a participant sees and does before joining with data of their own. */
export const bringing = (page: Page) => ({
  files: page.locator('input[type="file"]').first(),
  counts: page.getByRole("list", { name: "Samples of each class" }).getByRole("listitem"),
  keep: page.getByRole("button", { name: "Keep in this browser" }),
  join: page.getByRole("button", { name: "Join with this tab" }),
});

/** Opens the panel for own data of a join page, and waits until its buttons do something. */
export async function openJoinPage(page: Page, address: string): Promise<void> {
  await page.goto(`${address}?backend=wasm`);
  const area = page.getByRole("region", { name: "Add data" });
  await expect(area).toBeVisible();
  const isAlive = (button: Element) => Object.keys(button).some((key) => key.startsWith("__react"));
  const buttons = area.getByRole("button");
  await expect.poll(() => buttons.first().evaluate(isAlive)).toBe(true);
}

/** As a file input takes it. */
export const zipOf = (files: Readonly<Record<string, Uint8Array>>) => ({
  name: "mine.zip",
  mimeType: "application/zip",
  buffer: Buffer.from(zipSync({ ...files }, { level: 0 })),
});

/** Captions and their classes; no two are the same. */
export function tableOf(count: number) {
  const captions = Array.from(
    { length: count },
    (_, i) => `${i % 2 ? "a long green pear" : "a round red apple"} called q${i}x${i * 7919}z`,
  );
  const lines = captions.map((text, i) => `${text},${i % 2 ? "pear" : "apple"}`);
  return {
    name: "fruit.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`text,label\n${lines.join("\n")}\n`),
  };
}

export const section = (page: Page, name: string): Locator =>
  page.getByRole("region", { name, exact: true });
