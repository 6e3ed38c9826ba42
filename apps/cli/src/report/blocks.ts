import { TandemError } from "@tandem/core/errors";

const opening = (name: string) => `<!-- generated: ${name} -->`;
const closing = (name: string) => `<!-- /generated: ${name} -->`;

/** A page of one block, for {@link replaceBlocks} to fill. */
export const emptyPage = (name: string): string =>
  `# ${name}\n\n[All results](README.md)\n\n${opening(name)}\n${closing(name)}\n`;

/** Names of the blocks that begin in a page. */
export const blocksOf = (page: string): readonly string[] =>
  Array.from(page.matchAll(/^<!-- generated: (.+) -->$/gm), ([, name]) => name);

/**
 * Puts each block between its markers, and leaves all other text as it is; a block that has no markers
 * yet comes to the end, below a heading. Throws `bad-data` where one of a pair of markers is missing.
 */
export function replaceBlocks(page: string, blocks: ReadonlyMap<string, string>): string {
  let text = page;
  for (const [name, content] of blocks) {
    const block = `${opening(name)}\n${content.trimEnd()}\n${closing(name)}`;
    const parts = text.split(opening(name));
    const ends = text.split(closing(name));
    if (parts.length === 1 && ends.length === 1) {
      text = `${text.trimEnd()}\n\n## ${name}\n\n${block}\n`;
      continue;
    }
    const end = parts[1]?.split(closing(name));
    if (parts.length !== 2 || ends.length !== 2 || end.length !== 2)
      throw new TandemError(
        "bad-data",
        `The markers of ${name} must be there once each, ${opening(name)} before ${closing(name)}: mend them, or delete both.`,
      );
    text = `${parts[0]}${block}${end[1]}`;
  }
  return text;
}
