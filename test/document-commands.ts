import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, CommanderError } from "commander";
import { root } from "./sources";

const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith(".md") && path !== "docs/cli.md")
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

type Line = { readonly path: string; readonly line: string; readonly isWhole: boolean };

/** Commands in blocks of code, and those that a sentence or a table names, which may leave something out. */
const lines: readonly Line[] = documents.flatMap(({ path, text }) => [
  ...Array.from(text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm), ([, block]) => block)
    .flatMap((block) => block.replace(/\\\n/g, " ").split("\n"))
    .map((line) => ({ path, line: line.replace(/\s+#.*$/, "").trim(), isWhole: true })),
  ...Array.from(text.replace(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/`([^`]+)`/g), ([, line]) => ({
    ...{ path, line: line.replace(/ …$/, "").trim(), isWhole: false },
  })),
]);

const names = /(?:^|\s)(npm (?:start|run [\w:]+))(?: -- (.+))?$/;
/** Of all documents but the reference of commands, which is made from them. */
export const documentCommands = lines.flatMap(({ line, ...rest }) => {
  const [, name, given = ""] = names.exec(line) ?? [];
  return name ? [{ ...rest, line, name, words: wordsOf(given) }] : [];
});

/** As a shell has them. */
function wordsOf(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    (found) => found[1] ?? found[2] ?? found[3],
  );
}

/** What stands for a value that fits. */
const values: Readonly<Record<string, string>> = {
  URL: "http://localhost:3000",
  N: "2",
  RANGE: "0..1",
  NAME: "emoji-style",
  PNG: "a.png",
};

/** Parses it and does nothing; the code of what is wrong. */
export function faultOf(command: Command, words: readonly string[]): string | undefined {
  const quiet = (one: Command): void => {
    one.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    one.action(() => {});
    for (const inner of one.commands) quiet(inner);
  };
  quiet(command);
  try {
    command.parse(
      words.map((word) => values[word] ?? word),
      { from: "user" },
    );
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
