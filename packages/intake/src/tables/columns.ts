import type { ClassMatch } from "../class-names";
import { type ColumnRole, columnRoles, type Roles, type TableRow } from "../intake";

/** What headers call them, without case and separators. */
const names: Readonly<Record<ColumnRole, RegExp>> = {
  file: /^(the)?(file|filename|filepath|path|image|imagefile|imagename|imagepath|imageid|img|imgpath|picture|photo|pic|datei|dateiname|bild|foto|imagen|fichier)$/,
  label:
    /^(label|labels|class|classname|classlabel|category|target|tag|y|klasse|kategorie|categorie|clase|classe|etiqueta|species|type)$/,
  text: /^(text|texts|caption|captions|description|desc|title|sentence|comment|review|prompt|beschreibung|titel|texto|texte|legende|content)$/,
};
const sampled = 200;

const roleOf = (name: string): ColumnRole | undefined => {
  const plain = name.toLowerCase().replace(/[^\p{L}]+/gu, "");
  return columnRoles.find((role) => names[role].test(plain));
};

/**
 * Whether the first row names the columns: one of its cells is such a name, or there are several and no two
 * are the same; and none is a class or a picture.
 */
export function isHeader(
  cells: readonly string[],
  match: (name: string) => ClassMatch | undefined,
): boolean {
  if (cells.some((cell) => pictureName.test(cell.trim()) || match(cell)?.exact)) return false;
  const filled = cells.filter((cell) => cell.trim() !== "");
  const areNames = filled.length > 1 && new Set(filled).size === filled.length;
  return filled.some((cell) => roleOf(cell)) || areNames;
}

const pictureName = /\.(png|jpe?g|jfif|gif|webp|bmp|avif|heic|tiff?)$/i;

/** Which columns name the file, the class and the text: by their names, else by what they hold. */
export function guessRoles(
  columns: readonly string[],
  rows: readonly TableRow[],
  match: (name: string) => ClassMatch | undefined,
): Roles {
  const roles: { [role in ColumnRole]?: number } = {};
  for (const [column, name] of columns.entries()) {
    const role = roleOf(name);
    if (role) roles[role] ??= column;
  }
  const sample = rows.slice(0, sampled);
  const cellsOf = (column: number) =>
    sample.map(({ cells }) => cells[column].trim()).filter((cell) => cell !== "");
  const share = (column: number, test: (cell: string) => boolean) =>
    cellsOf(column).filter(test).length / Math.max(1, sample.length);
  const assign = (role: ColumnRole, score: (column: number) => number, least: number) => {
    if (roles[role] !== undefined) return;
    const free = Array.from(columns.keys()).filter((one) => !Object.values(roles).includes(one));
    const [best] = free
      .map((column) => ({ column, score: score(column) }))
      .filter((one) => one.score >= least)
      .sort((a, b) => b.score - a.score);
    if (best) roles[role] = best.column;
  };
  assign("file", (column) => share(column, (cell) => pictureName.test(cell)), 0.5);
  assign("label", (column) => share(column, (cell) => match(cell)?.exact === true), 0.5);
  const spaced = (column: number) => share(column, (cell) => /\S\s+\S/.test(cell));
  assign("text", spaced, 0.5);
  return roles;
}
