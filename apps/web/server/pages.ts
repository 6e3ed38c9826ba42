import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TandemError } from "@tandem/core/errors";
import next from "next";
import { basePathOf } from "./base-path";
import type { Pages } from "./draw-pages";

const dir = resolve(import.meta.dirname, "..");
/** As next.config.ts has it. */
const build = process.env.TANDEM_WEB_BUILD ?? ".next";

/** The Next.js app as a request handler. Throws unless it was built, and for this address's path. */
export async function openPages(options: {
  readonly dev: boolean;
  readonly publicUrl: URL | undefined;
}): Promise<{ readonly handle: Pages; close(): Promise<void> }> {
  const { dev, publicUrl } = options;
  if (!dev) await requireBuild(basePathOf(publicUrl));
  if (publicUrl) process.env.TANDEM_PUBLIC_URL = publicUrl.href; // next.config.ts reads it
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  const app = next({ dev, dir });
  await app.prepare();
  const handle = app.getRequestHandler();
  return { handle: (request, response) => handle(request, response), close: () => app.close() };
}

/** A build has the path written into its scripts. */
async function requireBuild(wanted: string): Promise<void> {
  const manifest = await readFile(join(dir, build, "routes-manifest.json"), "utf8").catch(() => {
    throw new TandemError("not-found", "The pages have not been built: run `npm run build`.");
  });
  const { basePath = "" } = JSON.parse(manifest) as { readonly basePath?: string };
  if (basePath === wanted) return;
  throw new TandemError(
    "bad-config",
    `The pages have been built for the path “${basePath || "/"}”, and the public address has “${wanted || "/"}”: start with \`npm start\`, which builds them, or build with TANDEM_PUBLIC_URL set.`,
  );
}
