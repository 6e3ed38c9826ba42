import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { file, json } from "@tandem/transport/replies";
import type { Docs } from "../../lib/docs/docs";
import type { Route } from "../router";
import { docsFolder } from "./docs";

const mostQuery = 100;
const types: Readonly<Record<string, string>> = { svg: "image/svg+xml", png: "image/png" };

/** The manual's search and pictures; its pages are drawn with all others. */
export const docsRoutes = (docs: Docs): readonly Route[] => [
  {
    method: "GET",
    path: "/api/docs/search",
    handle: async ({ query }) =>
      json(await docs.search((query.get("q") ?? "").slice(0, mostQuery))),
  },
  ...["images", "results/images"].map(
    (folder): Route => ({
      method: "GET",
      path: `/api/docs/${folder}/:name`,
      async handle({ parameters: { name } }) {
        const [, ending] = /^[\w-]+\.(svg|png)$/.exec(name) ?? [];
        const bytes =
          ending && (await readFile(join(docsFolder, folder, name)).catch(() => undefined));
        if (!ending || !bytes) throw new TandemError("not-found", `there is no picture ${name}`);
        return file(bytes, types[ending], { "cache-control": "public, max-age=3600" });
      },
    }),
  ),
];
