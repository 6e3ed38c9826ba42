import { folderOf, nameOf, stemOf } from "../files/source-file";
import { grouped } from "../grouped";

/**
 * Which picture a table's cell names: by its path from the table or from the top, else by a name, or a
 * name without ending, that only one picture has.
 */
export function findPictures(
  paths: readonly string[],
): (table: string, cell: string) => string | undefined {
  const known = new Set(paths);
  const only = (key: (path: string) => string) =>
    new Map(
      Array.from(grouped(paths, key))
        .filter(([, same]) => same.length === 1)
        .map(([name, [path]]): [string, string] => [name, path]),
    );
  const byStem = only(stemOf);
  const byName = only(nameOf);
  const byNameStem = only((path) => stemOf(nameOf(path)));
  return (table, cell) => {
    const path = cell.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
    const around = folderOf(table);
    const inside = around ? `${around}/${path}` : path;
    for (const full of [inside, path]) {
      if (known.has(full)) return full;
      const stem = byStem.get(full);
      if (stem !== undefined) return stem;
    }
    return byName.get(nameOf(path)) ?? byNameStem.get(nameOf(path));
  };
}
