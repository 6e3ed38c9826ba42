import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { TandemError } from "@tandem/core/errors";
import next from "next";
import type { Pages } from "./draw-pages";

const dir = resolve(import.meta.dirname, "..");

/** The Next.js app as a request handler. */
export async function openPages(options: {
  readonly dev: boolean;
}): Promise<{ readonly handle: Pages; close(): Promise<void> }> {
  const { dev } = options;
  if (!dev && !existsSync(join(dir, ".next/BUILD_ID")))
    throw new TandemError("not-found", "The pages have not been built: run `npm run build`.");
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  const app = next({ dev, dir });
  await app.prepare();
  const handle = app.getRequestHandler();
  return { handle: (request, response) => handle(request, response), close: () => app.close() };
}
