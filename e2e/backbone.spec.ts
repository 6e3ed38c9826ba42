import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@playwright/test";
import { serveEngine } from "@tandem/cli/bench/engine-server";
import type { BackboneReference } from "@tandem/core/task";
import type { BackbonePage } from "./backbone-page";
import { test } from "./harness";

/** MobileNetV2's files, and what it makes of the pictures in Node. */
let node: {
  readonly pinned: BackboneReference;
  readonly values: readonly number[];
  readonly files: readonly (readonly [path: string, base64: string])[];
};
let server: Awaited<ReturnType<typeof serveEngine>>;

test.beforeAll(async () => {
  server = await serveEngine(join(import.meta.dirname, "backbone-page.ts"));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "backbone-reference.ts")],
    { maxBuffer: 2 ** 26 },
  );
  node = JSON.parse(stdout);
});
test.afterAll(() => server?.close());

for (const backend of ["wasm", "webgl"] as const)
  test(`MobileNetV2 on ${backend} in Chromium makes the features that it makes in Node`, async ({
    page,
  }) => {
    for (const [path, base64] of node.files)
      await page.route(`**/backbones/mobilenet/${path}`, (route) =>
        route.fulfill({ body: Buffer.from(base64, "base64") }),
      );
    await page.goto(server.url);
    const { values, leakedTensors } = await page.evaluate(
      ([name, pinned]) => (globalThis as unknown as BackbonePage).features(name, pinned),
      [backend, node.pinned] as const,
    );
    expect(values).toHaveLength(4 * 1280);
    const largest = Math.max(...node.values);
    expect(largest).toBeGreaterThan(1);
    const off = values.map((value, i) => Math.abs(value - node.values[i]) / largest);
    expect(Math.max(...off)).toBeLessThan(0.01);
    expect(leakedTensors).toBe(0);
  });
