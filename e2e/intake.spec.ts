import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import type { IntakeTask } from "@tandem/intake/intake";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import { readPicture } from "@tandem/intake/pictures/read-picture";
import { bitmap, bytesOfPicture, fileOf, painting } from "@tandem/intake/testing/pictures";
import { Zip, ZipPassThrough } from "fflate";
import sharp from "sharp";
import { test } from "./harness";
import type { CancelReport, IntakePage, IntakeReport } from "./intake-page";
import { type PageServer, servePage } from "./page-server";

const task: IntakeTask = {
  classes: ["cat", "dog"].map((name) => ({ name, words: [name] })),
  modalities: ["image"],
  pictures: { size: 64, colour: true, background: 200 },
};

let server: PageServer;
let directory: string;
test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-intake-"));
  server = await servePage({
    html: '<!doctype html><input type="file" multiple><script type="module" src="/page.js"></script>',
    scripts: {
      "/page.js": join(import.meta.dirname, "intake-page.ts"),
      "/worker.js": join(import.meta.dirname, "../packages/intake/src/worker.ts"),
    },
  });
});
test.afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(page: Page, paths: readonly string[]) {
  await page.goto(server.origin);
  await page.setInputFiles("input", [...paths]);
}
const read = (page: Page): Promise<IntakeReport> =>
  page.evaluate((task) => (globalThis as unknown as IntakePage).readPicked(task), task);

test("Chromium's pictures are those of Node, within a few levels of grey", async ({ page }) => {
  const photo = (seed: number) => painting(800, 600, seed);
  const frames = Buffer.concat(
    await Promise.all([1, 2].map((i) => painting(96, 64, i).raw().toBuffer())),
  );
  const moving = sharp(frames, { raw: { width: 96, height: 128, channels: 3, pageHeight: 64 } });
  const stripes = Uint8Array.from({ length: 1999 * 1500 }, (_, i) => ((i % 1999) % 2) * 255);
  const create = { width: 90, height: 120, channels: 3, background: "#a08c78" } as const;
  const made: Readonly<Record<string, Uint8Array>> = {
    "a.jpg": await bytesOfPicture(photo(1).jpeg({ quality: 95 })),
    ...(await turned()),
    "print.jpg": await bytesOfPicture(
      sharp({ create }).toColourspace("cmyk").jpeg({ quality: 95 }),
    ),
    "deep.png": await bytesOfPicture(photo(3).toColourspace("rgb16").png()),
    "grey.png": await bytesOfPicture(photo(9).greyscale().toColourspace("grey16").png()),
    "two.png": await bytesOfPicture(photo(10).greyscale().png({ palette: true, colours: 2 })),
    "few.png": await bytesOfPicture(photo(4).png({ palette: true })),
    "clear.png": await bytesOfPicture(painting(300, 200, 5, 4).png()),
    "stripes.png": await bytesOfPicture(
      sharp(stripes, { raw: { width: 1999, height: 1500, channels: 1 } }).png(),
    ),
    "a.webp": await bytesOfPicture(photo(6).webp({ quality: 95 })),
    "moving.webp": await bytesOfPicture(moving.clone().webp({ lossless: true })),
    "moving.gif": await bytesOfPicture(moving.clone().gif()),
    "a.avif": await bytesOfPicture(photo(7).avif({ quality: 90 })),
    "tiny.png": await bytesOfPicture(painting(9, 12, 8).png()),
  };
  const bmp = bitmap(40, 40, [10, 120, 230]);
  const boxes =
    "\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x1cmeta\0\0\0\x14ispe\0\0\0\0\0\0\0@\0\0\0@";
  const heic = new TextEncoder().encode(boxes);
  const cut = made["a.jpg"].subarray(0, 5000);
  const all = { ...made, "a.bmp": bmp, "b.heic": heic, "cut.jpg": cut };
  for (const [name, bytes] of Object.entries(all)) await writeFile(join(directory, name), bytes);
  await open(
    page,
    Object.keys(all).map((name) => join(directory, name)),
  );
  const { pixels, leftOut } = await read(page);
  expect(leftOut.toSorted()).toEqual([
    ["b.heic", "kind"],
    ["cut.jpg", "truncated"],
  ]);
  expect(pixels["a.bmp"].slice(0, 3)).toEqual([10, 120, 230]);
  const wrong: string[] = [];
  for (const [name, bytes] of Object.entries(made)) {
    const found = await readPicture(fileOf(name, bytes), task.pictures, nodeDecoder);
    if (!("picture" in found)) throw new Error(`${name}: ${found.leftOut.sentence}`);
    const off = found.picture.pixels.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - pixels[name][i])),
      0,
    );
    if (!(off <= (name === "print.jpg" ? 12 : 5))) wrong.push(`${name} is off by ${off}`);
  }
  expect(wrong).toEqual([]);
});

test("a folder is picked or dropped with all that is in it, more than a browser lists at once", async ({
  page,
}) => {
  const folder = join(directory, "mine");
  await mkdir(join(folder, "cat/small"), { recursive: true });
  const paths = Array.from({ length: 130 }, (_, i) => `cat/${i}.txt`).concat("cat/small/a.txt");
  for (const path of paths) await writeFile(join(folder, path), path);
  const expected = paths.map((path) => [`mine/${path}`, path.length]).toSorted();
  await open(page, []);
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await client.send("Input.dispatchDragEvent", { type, x: 20, y: 60, data });
  await expect
    .poll(() => page.evaluate(() => (globalThis as unknown as IntakePage).dropped?.toSorted()))
    .toEqual(expected);

  await page.evaluate(() => document.querySelector("input")?.toggleAttribute("webkitdirectory"));
  await page.setInputFiles("input", folder);
  const all: IntakeTask = { ...task, modalities: ["text"] };
  const { labels, leftOut } = await page.evaluate(
    (task) => (globalThis as unknown as IntakePage).readPicked(task),
    all,
  );
  expect([labels, leftOut]).toEqual([paths.map(() => 0), []]);
});

test.describe("300 photographs of 12 megapixels", () => {
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    await writePhotographs(join(directory, "photos.zip"), 300);
  });

  test("leave the page free, and memory as it is", async ({ page }) => {
    await open(page, [join(directory, "photos.zip")]);
    let most = 0;
    const timer = setInterval(async () => {
      most = Math.max(most, await memoryOf(page));
    }, 100);
    const before = await memoryOf(page);
    const { labels, leftOut, longestTask, meterLongest, told, remainingSeen, ms } =
      await read(page);
    clearInterval(timer);
    test.info().annotations.push({
      type: "measured",
      description: `${Math.round(ms)} ms, longest task ${longestTask} ms, told ${told} times, ${Math.round((most - before) / 2 ** 20)} MiB more`,
    });
    expect(leftOut).toEqual([]);
    expect([0, 1].map((label) => labels.filter((own) => own === label).length)).toEqual([150, 150]);
    expect(longestTask).toBeLessThanOrEqual(50);
    expect(meterLongest).toBeGreaterThanOrEqual(80);
    expect(ms / told).toBeLessThan(250);
    expect(remainingSeen).toBe(true);
    expect(most - before).toBeGreaterThan(40 * 2 ** 20); // one picture: the meter sees it
    expect(most - before).toBeLessThan(500 * 2 ** 20);
  });

  test("are left at once", async ({ page }) => {
    await open(page, [join(directory, "photos.zip")]);
    const { code, ms }: CancelReport = await page.evaluate(
      (task) => (globalThis as unknown as IntakePage).cancelPicked(task, 1500),
      task,
    );
    expect(code).toBe("cancelled");
    expect(ms).toBeLessThan(50);
  });
});

/** A picture in each way that EXIF can turn it. */
async function turned(): Promise<Readonly<Record<string, Uint8Array>>> {
  const all = [1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation) => {
    const picture = painting(300, 200, 20 + orientation).withMetadata({ orientation });
    const bytes = await bytesOfPicture(picture.jpeg({ quality: 95 }));
    return [`turned-${orientation}.jpg`, bytes] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** A zip of JPEGs: two that are painted, again and again with other brightness and colour. */
async function writePhotographs(path: string, count: number) {
  const originals = await Promise.all(
    [1, 2].map(async (seed) => {
      const smooth = await painting(1000, 750, seed).raw().toBuffer();
      const noisy = smooth.map((value, i) => Math.max(0, value - ((i * 7919) % 47)));
      return sharp(noisy, { raw: { width: 1000, height: 750, channels: 3 } })
        .resize(4000, 3000)
        .jpeg({ quality: 80 })
        .toBuffer();
    }),
  );
  const out = createWriteStream(path);
  const zip = new Zip((error, chunk, isLast) => {
    if (error) throw error;
    out.write(chunk);
    if (isLast) out.end();
  });
  for (let i = 0; i < count; i++) {
    const entry = new ZipPassThrough(`${i % 2 ? "dog" : "cat"}/${i}.jpg`);
    zip.add(entry);
    entry.push(withOtherTables(originals[i % 2], Math.floor(i / 2)), true);
    if (out.writableNeedDrain) await new Promise<void>((resolve) => out.once("drain", resolve));
  }
  zip.end();
  await new Promise<void>((resolve) => out.once("close", resolve));
}

/** Changes the step of the mean brightness of each block, and of its mean colour. */
function withOtherTables(jpeg: Buffer, variant: number): Uint8Array {
  const copy = new Uint8Array(jpeg);
  const marker = Buffer.from([0xff, 0xdb]);
  const first = jpeg.indexOf(marker);
  const second = jpeg.indexOf(marker, first + 4);
  copy[first + 5] = jpeg[first + 5] + 1 + (variant % 13);
  copy[second + 5] = jpeg[second + 5] + Math.floor(variant / 13);
  return copy;
}

/** Bytes that the browser's pages and workers hold in memory. */
async function memoryOf(page: Page): Promise<number> {
  const client = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await client?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
  await client?.detach();
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const sizes = await Promise.all(
    renderers.map(async ({ id }) => {
      const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => ""); // it may be gone
      return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
