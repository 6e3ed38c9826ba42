import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the code of each package may import of the others; its tests may import any. */
const shared = ["core", "protocol"];
/** Of the engine what brings no backend along. */
const training = ["adam", "next-task", "out-of-memory", "tensors"].map((file) => `engine/${file}`);
const methods = [
  "engine",
  "graph",
  "models",
  "datasets",
  "diffusion",
  "strategies",
  "evaluation",
  "privacy",
];
const table: Readonly<Record<string, readonly string[]>> = {
  core: [],
  protocol: ["core"],
  storage: shared,
  transport: shared,
  engine: shared,
  graph: shared,
  models: [...shared, ...training],
  datasets: shared,
  diffusion: [...shared, "graph"],
  strategies: [...shared, ...training],
  evaluation: [...shared, ...training],
  privacy: shared,
  // client and coordinator are handed their strategies, models and drivers.
  client: [...shared, ...methods],
  coordinator: [...shared, ...methods],
  simulation: [...shared, ...methods, "client", "coordinator", "storage", "transport"],
};

/** Only these packages and the apps may name a backend or a runtime. */
const runtimes = /^(@tensorflow\/tfjs-(backend-|node)|@tensorflow\/tfjs$|onnxruntime-)/;
const hosts = ["engine", "graph"];

type Source = { readonly path: string; readonly text: string };

/** What is wrong with the imports of one file; `path` is relative to the root. */
function violations({ path, text }: Source): string[] {
  const [kind, name] = path.split("/");
  const inside = `${kind}/${name}/`;
  const isTest = /(\.(test|contract)\.tsx?$|\/testing\/)/.test(path);
  return importsOf(text).flatMap((target) => {
    const fault = (why: string) => [`${path} imports ${target}: ${why}`];
    if (target.startsWith(".")) {
      // Apps stand on top and may share code with each other, but use packages by their names.
      const reached = join(path, "..", target);
      const free = kind === "apps" && !reached.startsWith("packages/");
      return free || reached.startsWith(inside) ? [] : fault("leaves its package");
    }
    if (kind === "apps" || isTest) return [];
    if (runtimes.test(target) && !hosts.includes(name)) return fault("a runtime");
    // A worker's entry file is a composition root: it picks the drivers of what it hosts.
    if (path.endsWith("/src/tab/worker.ts")) return [];
    const [, file, other] = /^@tandem\/(([^/]+)\/.+)/.exec(target) ?? [];
    if (file === undefined || other === name) return [];
    if (table[name]?.some((allowed) => allowed === other || allowed === file)) return [];
    return fault(`${name} may import ${table[name]?.join(", ") || "no package"}`);
  });
}

/** Targets of import and export declarations, dynamic imports and worker URLs. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
  const forms =
    /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])([^"'\n]+)\1|new URL\(\s*(["'])(\.[^"'\n]+)\3/g;
  return Array.from(code.matchAll(forms), (found) => found[2] ?? found[4]);
}

function sourcesUnder(directory: string): Source[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|\.next)\//.test(name))
    .map((name) => {
      const path = resolve(root, directory, name);
      return { path: relative(root, path), text: readFileSync(path, "utf8") };
    });
}

it.each([
  ["core on protocol", "packages/core/src/a.ts", 'import { x } from "@tandem/protocol/view";'],
  [
    "models on datasets",
    "packages/models/src/a.ts",
    'export * from "@tandem/datasets/federation/federate";',
  ],
  [
    "a type alone",
    "packages/strategies/src/a.ts",
    'import type { T } from "@tandem/models/registry";',
  ],
  ["a dynamic import", "packages/datasets/src/a.ts", 'await import("@tandem/diffusion/unet")'],
  ["several lines", "packages/graph/src/a.ts", 'import {\n  a,\n} from "@tandem/diffusion/unet";'],
  ["a side effect", "packages/models/src/a.ts", 'import "@tensorflow/tfjs-backend-cpu";'],
  ["onnxruntime", "packages/diffusion/src/a.ts", 'import * as ort from "onnxruntime-node";'],
  ["the way out", "packages/core/src/a.ts", 'import { x } from "../../protocol/src/view";'],
  ["an app", "apps/cli/src/a.ts", 'import { x } from "../../../packages/core/src/rng";'],
])("the check sees %s", (_, path, text) => {
  expect(violations({ path, text })).toHaveLength(1);
});

it("the check lets pass what the table allows", () => {
  const text = `import a from "node:fs"; // import "@tandem/client/x"
    import { b } from "../b"; import c from "@tensorflow/tfjs-core"; import d from "@tandem/core/rng";`;
  expect(violations({ path: "packages/models/src/deep/a.ts", text })).toEqual([]);
});

it("a worker's entry file picks its drivers, but no runtime", () => {
  const path = "packages/client/src/tab/worker.ts";
  expect(violations({ path, text: 'import "@tandem/storage/indexed-db";' })).toEqual([]);
  expect(violations({ path, text: 'import "onnxruntime-web";' })).toHaveLength(1);
});

it("every package has its row in the table", () => {
  expect(readdirSync(join(root, "packages")).sort()).toEqual(Object.keys(table).sort());
});

it("no file imports against the table", () => {
  const sources = ["packages", "apps"].flatMap(sourcesUnder);
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap(violations)).toEqual([]);
});
