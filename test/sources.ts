import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** A file of TypeScript; `path` is relative to the root. */
export type Source = { readonly path: string; readonly text: string };

export function sourcesUnder(directory: string): readonly Source[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|\.next)\//.test(name))
    .map((name) => {
      const path = resolve(root, directory, name);
      return { path: relative(root, path), text: readFileSync(path, "utf8") };
    });
}

/** Targets of import and export declarations, types alone too, dynamic imports and worker URLs. */
export function importsOf(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
  const forms =
    /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])([^"'\n]+)\1|new URL\(\s*(["'])(\.[^"'\n]+)\3/g;
  return Array.from(code.matchAll(forms), (found) => found[2] ?? found[4]);
}

/** Where a target of a file lies, without its ending; undefined for what is not the project's own. */
export function placeOf(target: string, from: string): string | undefined {
  const bare = (path: string) => path.replace(/\.tsx?$/, "");
  if (target.startsWith(".")) return bare(join(from, "..", target));
  const [, name, path] = /^@tandem\/([^/]+)\/(.+)/.exec(target) ?? [];
  if (name === undefined) return undefined;
  return bare(`${["cli", "teacher"].includes(name) ? "apps" : "packages"}/${name}/src/${path}`);
}

/** Files that import one another, each circle once: its members in the order of their names. */
export function circlesOf(sources: readonly Source[]): readonly (readonly string[])[] {
  const paths = new Map(sources.map(({ path }) => [path.replace(/\.tsx?$/, ""), path]));
  const imports = new Map(
    sources.map(({ path, text }) => [
      path,
      importsOf(text).flatMap((target) => paths.get(placeOf(target, path) ?? "") ?? []),
    ]),
  );
  const reached = new Map(sources.map(({ path }) => [path, reachable(path, imports)]));
  const seen = new Set<string>();
  return sources.flatMap(({ path }) => {
    if (seen.has(path) || !reached.get(path)?.has(path)) return [];
    const members = [...(reached.get(path) ?? [])].filter((other) => reached.get(other)?.has(path));
    for (const member of members) seen.add(member);
    return [members.sort()];
  });
}

function reachable(
  from: string,
  imports: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [...(imports.get(from) ?? [])];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    left.push(...(imports.get(next) ?? []));
  }
  return found;
}
