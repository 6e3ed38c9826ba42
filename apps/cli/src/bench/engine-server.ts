import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";

/** An empty page that runs the script of an entry point, with tfjs's wasm under /tfjs/. */
export async function serveEngine(
  entry: string,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
  });
  const script = outputFiles[0].text;
  const wasm = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  const server = createServer(async ({ url: path = "/" }, response) => {
    const send = (type: string, body: string | Uint8Array) =>
      response.writeHead(200, { "content-type": type }).end(body);
    if (path === "/engine.js") send("text/javascript", script);
    else if (/^\/tfjs\/[\w-]+\.wasm$/.test(path))
      send("application/wasm", await readFile(join(wasm, basename(path))));
    else send("text/html", `<!doctype html><script type="module" src="/engine.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}
