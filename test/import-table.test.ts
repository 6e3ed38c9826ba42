import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { circlesOf, importsOf, placeOf, root, type Source, sourcesUnder } from "./sources";

/** What the code of each package may import of the others; its tests may import any. */
const shared = ["core", "protocol"];
/** Of the engine what brings no backend along. */
const training = ["adam", "next-task", "out-of-memory", "tensors"].map((file) => `engine/${file}`);
/** Of the graph what traces and writes it, without a runtime. */
const tracing = [
  "convolution",
  "elementwise",
  "linear",
  "normalise",
  "onnx",
  "shape",
  "tensor",
].map((file) => `graph/${file}`);
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
  intake: shared,
  diffusion: [...shared, "graph"],
  strategies: [...shared, ...training],
  evaluation: [...shared, ...training],
  privacy: shared,
  export: [...shared, ...tracing, "models", "evaluation"],
  // client and coordinator are handed their strategies, models and drivers.
  client: [
    ...shared,
    "evaluation",
    "engine/choose-backend",
    "engine/out-of-memory",
    "export/model-to-take",
  ],
  coordinator: [...shared, "evaluation"],
  simulation: [...shared, ...methods, "client", "coordinator", "storage", "transport"],
};

/** Only these packages and the apps may name a backend or a runtime. */
const runtimes = /^(@tensorflow\/tfjs-(backend-|node)|@tensorflow\/tfjs$|onnxruntime-)/;
const hosts = ["engine", "graph"];

const maxLines = 400;

/** What is wrong with one file: how long it is, and what it imports. */
function violations(source: Source): readonly string[] {
  const { path, text } = source;
  const lines = text.replace(/\n$/, "").split("\n").length;
  const length = lines > maxLines ? [`${path} has ${lines} lines: split it`] : [];
  const imports = importsOf(text).flatMap((target) => {
    const fault = faultOf(source, target);
    return fault ? [`${path} imports ${target}: ${fault}`] : [];
  });
  return [...length, ...imports];
}

function faultOf({ path }: Source, target: string): string | undefined {
  const [kind, name] = path.split("/");
  const isTest = /(\.(test|spec)\.tsx?$|\/testing\/)/.test(path);
  const place = placeOf(target, path);
  if (place?.startsWith("e2e/") && kind !== "e2e") return "e2e stands on it";
  if (place?.includes("/testing/") && !isTest && kind !== "e2e" && kind !== "test")
    return "made for tests";
  if (kind === "e2e" || kind === "test") return undefined;
  if (target.startsWith(".")) {
    const inside = `${kind}/${name}/`;
    return place?.startsWith(inside) ? undefined : "leaves its package: use its name";
  }
  if (kind === "apps" || isTest) return undefined;
  if (runtimes.test(target) && !hosts.includes(name)) return "a runtime";
  // A worker's entry file is a composition root: it picks the drivers of what it hosts.
  if (path.endsWith("/src/tab/worker.ts")) return undefined;
  const [, file, other] = /^@tandem\/(([^/]+)\/.+)/.exec(target) ?? [];
  if (file === undefined || other === name) return undefined;
  if (table[name]?.some((allowed) => allowed === other || allowed === file)) return undefined;
  return `${name} may import ${table[name]?.join(", ") || "no package"}`;
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
  ["a double in a product", "packages/models/src/a.ts", 'import { x } from "./testing/x";'],
  ["another's double", "apps/web/lib/a.ts", 'import { x } from "@tandem/client/testing/gate";'],
  ["an app on e2e", "apps/cli/src/a.ts", 'import { x } from "../../../e2e/harness";'],
  ["e2e by its URL", "apps/cli/src/a.ts", 'new URL("../../../e2e/page.ts", import.meta.url)'],
  ["401 lines", "packages/core/src/a.test.ts", "x;\n".repeat(401)],
])("the check sees %s", (_, path, text) => {
  expect(violations({ path, text })).toHaveLength(1);
});

it("the check lets pass what the table allows", () => {
  const text = `import a from "node:fs"; // import "@tandem/client/x"
    import { b } from "../b"; import c from "@tensorflow/tfjs-core"; import d from "@tandem/core/rng";`;
  expect(violations({ path: "packages/models/src/deep/a.ts", text })).toEqual([]);
});

it("tests and doubles may use doubles, and a file have 400 lines", () => {
  const text = `import { x } from "@tandem/client/testing/gate";${"\n".repeat(400)}`;
  for (const path of [
    "packages/client/src/a.test.ts",
    "packages/client/src/testing/a.ts",
    "e2e/a.ts",
  ])
    expect(violations({ path, text })).toEqual([]);
});

it("the check sees a circle of files, also of types, over packages and by way of a third", () => {
  const files = [
    { path: "packages/core/src/a.ts", text: 'import type { X } from "./b";' },
    { path: "packages/core/src/b.ts", text: 'export * from "@tandem/core/c";' },
    { path: "packages/core/src/c.tsx", text: 'await import("./a")' },
    { path: "packages/core/src/d.ts", text: 'import { x } from "./a"; // import "./e";' },
    { path: "packages/core/src/e.ts", text: 'import { x } from "./d";' },
  ];
  expect(circlesOf(files)).toEqual([files.slice(0, 3).map(({ path }) => path)]);
  expect(circlesOf(files.slice(1))).toEqual([]);
});

it("a worker's entry file picks its drivers, but no runtime", () => {
  const path = "packages/client/src/tab/worker.ts";
  expect(violations({ path, text: 'import "@tandem/storage/indexed-db";' })).toEqual([]);
  expect(violations({ path, text: 'import "onnxruntime-web";' })).toHaveLength(1);
});

it("every package has its row in the table", () => {
  expect(readdirSync(join(root, "packages")).sort()).toEqual(Object.keys(table).sort());
});

const sources = ["packages", "apps", "e2e", "test"].flatMap(sourcesUnder);

it("no file imports against the table, or is too long", () => {
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.flatMap(violations)).toEqual([]);
});

it("no files import one another in a circle", () => {
  expect(circlesOf(sources)).toEqual([]);
});
