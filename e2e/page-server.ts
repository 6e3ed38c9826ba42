import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";

export type PageServer = { readonly origin: string; close(): void };

/** Serves a page, and scripts that are bundled from these entry files, by their paths. */
export async function servePage(options: {
  readonly html: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly host?: string;
}): Promise<PageServer> {
  const { html, scripts, host = "localhost" } = options;
  const bundles = new Map<string, string>();
  for (const [path, entry] of Object.entries(scripts)) {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      logLevel: "error",
    });
    bundles.set(path, outputFiles[0].text);
  }
  const server = createServer(({ url = "/" }, response) => {
    const script = bundles.get(url);
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ?? html);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { origin: `http://${host}:${port}`, close: () => void server.close() };
}
