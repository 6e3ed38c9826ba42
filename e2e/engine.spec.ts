import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@playwright/test";
import { serveEngine } from "@tandem/cli/bench/engine-server";
import type { EnginePage } from "./engine-page";
import type { Probe } from "./engine-probe";
import { test } from "./harness";

/** The same numbers in Node, where the kernels are checked against loops and differences. */
let reference: Probe;
let server: Awaited<ReturnType<typeof serveEngine>>;

test.beforeAll(async () => {
  server = await serveEngine(join(import.meta.dirname, "engine-page.ts"));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "engine-reference.ts")],
    { maxBuffer: 2 ** 26 },
  );
  reference = JSON.parse(stdout);
});
test.afterAll(() => server?.close());

for (const backend of ["wasm", "webgpu", "webgl"] as const)
  test(`${backend} in Chromium computes what wasm in Node does`, async ({ page }) => {
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(server.url);
    const { values, selfTestError, leakedTensors } = await page.evaluate(
      (name) => (globalThis as unknown as EnginePage).probeBackend(name),
      backend,
    );
    const names = Object.keys(reference.values);
    expect(names.length).toBeGreaterThan(100);
    expect(Object.keys(values)).toEqual(names);
    const wrong = names.flatMap((name) => {
      const error = relativeError(values[name], reference.values[name]);
      return error < 1e-3 ? [] : [`${name} is off by ${error.toPrecision(2)}`];
    });
    expect({ wrong, errors, leakedTensors }).toEqual({ wrong: [], errors: [], leakedTensors: 0 });
    expect(selfTestError).toBeLessThan(5e-3);
  });

/** Largest difference over largest value, where that is not mere rounding; NaN where a value is none. */
function relativeError(actual: readonly number[], expected: readonly number[]): number {
  const difference = expected.map((value, i) => Math.abs(actual[i] - value));
  const largest = (list: readonly number[]) => list.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return largest(difference) / Math.max(largest(expected), 1e-3);
}
