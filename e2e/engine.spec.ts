import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { build } from "esbuild";
import type { EnginePage } from "./engine-page";
import type { Probe } from "./engine-probe";

/** The same numbers in Node, where the kernels are checked against loops and differences. */
let reference: Probe;
let server: Server;
let url: string;

test.beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "engine-page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
  });
  const script = outputFiles[0].text;
  const wasm = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  server = createServer(async ({ url: path = "/" }, response) => {
    const send = (type: string, body: string | Uint8Array) =>
      response.writeHead(200, { "content-type": type }).end(body);
    if (path === "/engine.js") send("text/javascript", script);
    else if (/^\/tfjs\/[\w-]+\.wasm$/.test(path))
      send("application/wasm", await readFile(join(wasm, basename(path))));
    else send("text/html", `<!doctype html><script type="module" src="/engine.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}/`;
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
    await page.goto(url);
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
