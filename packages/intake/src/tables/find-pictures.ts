import { grouped } from "@tandem/core/grouped";
import { folderOf, nameOf, stemOf } from "../files/source-file";

/**
 * Which picture a table's cell names: by its path from the table or from the top, else by a name, or a
 * name without ending, that only one picture has; in the same case, else in any.
 */
export function findPictures(
  paths: readonly string[],
): (table: string, cell: string) => string | undefined {
  const known = new Set(paths);
  /** Built when the first cell needs it: most tables name whole paths. */
  const only = (keyOf: (path: string) => string) => {
    let groups: ReturnType<typeof grouped<string>> | undefined;
    return (key: string): string | undefined => {
      groups ??= grouped(paths, keyOf);
      const same = groups.get(key);
      return same?.length === 1 ? same[0] : undefined;
    };
  };
  const lower = (path: string) => path.toLowerCase();
  const byStem = only(stemOf);
  const byPathInAnyCase = only(lower);
  const byStemInAnyCase = only((path) => lower(stemOf(path)));
  const byName = [
    only(nameOf),
    only((path) => stemOf(nameOf(path))),
    only((path) => lower(nameOf(path))),
    only((path) => lower(stemOf(nameOf(path)))),
  ];
  return (table, cell) => {
    const path = cell.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
    const around = folderOf(table);
    const inside = around ? `${around}/${path}` : path;
    for (const full of [inside, path]) {
      if (known.has(full)) return full;
      const stem = byStem(full);
      if (stem !== undefined) return stem;
    }
    for (const full of [inside, path].map(lower)) {
      const same = byPathInAnyCase(full) ?? byStemInAnyCase(full);
      if (same !== undefined) return same;
    }
    const name = nameOf(path);
    const [exact, stem, ...inAnyCase] = byName;
    return exact(name) ?? stem(name) ?? inAnyCase.map((by) => by(lower(name))).find(Boolean);
  };
}
