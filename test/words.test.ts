import { expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { sourcesUnder } from "./sources";

/** Under `apps/web`: what they show is in `text/`. */
const folders = [
  "app",
  "components/account",
  "components/audit",
  "components/compare",
  "components/docs",
  "components/experiments",
  "components/form",
  "components/join",
  "components/live",
  "components/own-data",
  "components/own-encoder",
  "components/result",
  "components/runs",
  "components/tasks",
  "components/ui",
];

/** Attributes and properties of components that somebody sees or hears. */
const shown = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-roledescription",
  "aria-valuetext",
  "caption",
  "description",
  "empty",
  "idle",
  "label",
  "none",
  "note",
  "placeholder",
  "summary",
  "term",
  "text",
  "title",
  "verb",
  "what",
]);

type Node = { readonly type: string; readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";
const isWord = (text: unknown): text is string =>
  typeof text === "string" && /\p{L}{2}/u.test(text);
/** A word or a sentence as people write it; names of keys are compared, not shown. */
const isSentence = (text: unknown): text is string =>
  typeof text === "string" && /^\s*\p{Lu}\p{Ll}/u.test(text);

/** Words in the code of a page or a component: in elements and what they show, and sentences anywhere. */
function wordsIn(code: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: Node, isShown: boolean): void => {
    const { type } = node;
    if (/^(Import|Export(All|Named)|TS(?!As|Satisfies|NonNull))/.test(type) && !node.declaration)
      return;
    const isSaid = isShown ? isWord : isSentence;
    const take = (text: unknown) => void (isSaid(text) && found.push(text.trim()));
    if (type === "JSXText" && isWord(node.value)) found.push(node.value.trim());
    if (type === "Literal") take(node.value);
    if (type === "TemplateElement") take((node.value as { readonly cooked: string }).cooked);
    for (const [key, value] of Object.entries(node))
      for (const child of [value].flat())
        if (isNode(child) && isRead(node, key)) visit(child, showsIn(node, key, isShown));
  };
  visit(parseAst(code, { lang: "tsx" }) as unknown as Node, false);
  return found;
}

/** Names of keys and events that are compared or looked for are no words. */
function isRead(node: Node, key: string): boolean {
  if (node.type === "BinaryExpression") return node.operator === "+";
  if (node.type === "ConditionalExpression") return key !== "test";
  if (node.type === "MemberExpression") return key === "object";
  if (node.type === "Property") return (node.key as Node).name !== "fallback"; // names of fonts
  if (node.type === "CallExpression" && key === "arguments")
    return !/^(startsWith|endsWith|includes|toLocale\w+)$/.test(nameOf(node.callee as Node));
  return true;
}

/** Whether what is below is shown: the children of an element, and attributes that are. */
function showsIn(node: Node, key: string, isShown: boolean): boolean {
  if (node.type === "JSXElement" || node.type === "JSXFragment") return key === "children";
  if (node.type === "JSXAttribute") return shown.has(attributeOf(node.name as Node));
  if (/Function/.test(node.type)) return false;
  return isShown;
}

const nameOf = (callee: Node): string =>
  isNode(callee.property) ? String(callee.property.name) : "";
const attributeOf = (name: Node): string => String(name.name);

it.each(folders)("what %s shows is in typed files", (folder) => {
  const sources = sourcesUnder(`apps/web/${folder}`).filter(({ path }) => !/\.test\./.test(path));
  expect(sources).not.toEqual([]);
  const words = sources.flatMap(({ path, text }) =>
    wordsIn(text).map((found) => `${path}: ${found}`),
  );
  expect(words, "move them to apps/web/text").toEqual([]);
});

it("words are found wherever they are shown", () => {
  const planted = `
    import { a } from "Elsewhere";
    "use client";
    const table = { one: "Planted in a table" } as const;
    type Kind = "Planted in a type";
    export const Page = ({ n, key }: Props) => (
      <p className="no words" title="planted title" aria-label={\`\${n} planted labels\`}>
        planted text {n} <b>{n > 1 ? "planted many" : plural(n, "planted one")}</b>
        <Row description={n ? "planted so" : undefined} tone="danger" />
        {key === "Enter" && <i onClick={() => go("there")}>–</i>}
        {key.startsWith("Arrow") && text.here}
        <input type="file" {...{ placeholder: "Planted place" }} />
      </p>
    );`;
  expect(wordsIn(planted)).toEqual([
    "Planted in a table",
    "planted title",
    "planted labels",
    "planted text",
    "planted many",
    "planted one",
    "planted so",
    "Planted place",
  ]);
});
