import { Marked, type Token, type TokenizerAndRendererExtension, type Tokens } from "marked";
import temml from "temml";
import type { DocHeading } from "../../lib/docs/docs";
import { escapeHtml } from "./escape-html";

/** Where links and pictures of a document lead; undefined: nowhere that a reader can go. */
export type Addresses = {
  readonly link: (href: string) => string | undefined;
  /** Its HTML. */
  readonly picture: (href: string, alt: string) => string;
};

/** What stands below one heading, as text. */
export type DocPart = { readonly id: string; readonly heading: string; readonly text: string };

/** Throws for maths that cannot be read. */
export function renderDocument(markdown: string, addresses: Addresses) {
  const marked = markdownOf(addresses);
  const tokens = marked.lexer(markdown);
  const headings = headingsOf(tokens);
  const html = marked.parser(tokens.filter((token) => !isTitle(token)));
  return {
    headings: headings.filter(({ depth }) => depth > 1),
    html: html
      .replace(
        /<table>/g,
        '<div class="wide" role="region" aria-label="Table" tabindex="0"><table>',
      )
      .replace(/<\/table>/g, "</table></div>"),
  };
}

/** Without a title, as a document must not be. */
export const titleOf = (markdown: string): string | undefined =>
  /^# (.+)$/m.exec(markdown)?.[1].replace(/[`*_]/g, "").trim();

/** What a search looks through. */
export function partsOf(markdown: string): readonly DocPart[] {
  const tokens = markdownOf({ link: () => undefined, picture: () => "" }).lexer(markdown);
  const ids = headingsOf(tokens);
  const parts: { id: string; heading: string; texts: string[] }[] = [];
  for (const token of tokens) {
    if (token.type === "heading") {
      const { id, text, depth } = ids[parts.length];
      parts.push({ id: depth === 1 ? "" : id, heading: text, texts: [] });
    } else parts.at(-1)?.texts.push(textOf(token));
  }
  return parts.map(({ texts, ...part }) => ({
    ...part,
    text: texts.join(" ").replace(/\s+/g, " "),
  }));
}

function markdownOf({ link, picture }: Addresses): Marked {
  const slugs = createSlugs();
  return new Marked({
    extensions: [inlineMaths, blockMaths],
    renderer: {
      heading({ tokens, depth }) {
        const [id, text] = [slugs(tokens.map(textOf).join("")), this.parser.parseInline(tokens)];
        const anchor = `<a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1">#</a>`;
        return `<h${depth} id="${id}">${text}${anchor}</h${depth}>\n`;
      },
      code({ text, lang = "" }) {
        const copy = '<button type="button" data-copy hidden>Copy</button>';
        const name = lang === "sh" ? "Commands" : "Code";
        return `<div class="code"><pre tabindex="0" role="region" aria-label="${name}"><code>${escapeHtml(text)}</code></pre>${copy}</div>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const to = link(href);
        return to === undefined ? text : `<a href="${escapeHtml(to)}">${text}</a>`;
      },
      image: ({ href, text }) => picture(href, text),
      // Comments aside there is none, and none is let through.
      html: ({ text }) => (/^<!--[\s\S]*-->\s*$/.test(text) ? "" : escapeHtml(text)),
    },
  });
}

const isTitle = (token: Token) => token.type === "heading" && token.depth === 1;

function headingsOf(tokens: readonly Token[]): readonly DocHeading[] {
  const slugs = createSlugs();
  return tokens
    .filter((token): token is Tokens.Heading => token.type === "heading")
    .map(({ depth, tokens: inline }) => {
      const text = inline.map(textOf).join("");
      return { id: slugs(text), text, depth };
    });
}

/** As GitHub names headings, so that links work in both. */
function createSlugs(): (text: string) => string {
  const seen = new Map<string, number>();
  return (text) => {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  };
}

/** A token's words, without marks. */
function textOf(token: Token): string {
  if (token.type === "html") return "";
  if (token.type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows]
      .flatMap((row) => row.map(({ tokens }) => tokens.map(textOf).join("")))
      .join(" · ");
  }
  if (token.type === "list")
    return (token as Tokens.List).items.map(({ tokens }) => tokens.map(textOf).join(" ")).join(" ");
  if ("tokens" in token && token.tokens) return token.tokens.map(textOf).join("");
  return "text" in token ? unescaped(String(token.text)) : " ";
}

const inlineMaths: TokenizerAndRendererExtension = {
  name: "maths",
  level: "inline",
  start: (text) => {
    const at = text.indexOf("$");
    return at < 0 ? undefined : at;
  },
  tokenizer(text) {
    const found = /^\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/.exec(text);
    return found ? { type: "maths", raw: found[0], text: found[1] } : undefined;
  },
  renderer: ({ text }) => mathsOf(text, false),
};

const blockMaths: TokenizerAndRendererExtension = {
  name: "mathsBlock",
  level: "block",
  start: (text) => /^\$\$$/m.exec(text)?.index,
  tokenizer(text) {
    const found = /^\$\$\n([\s\S]+?)\n\$\$(?:\n+|$)/.exec(text);
    return found ? { type: "mathsBlock", raw: found[0], text: found[1] } : undefined;
  },
  renderer: ({ text }) =>
    `<div class="wide" role="region" aria-label="Formula" tabindex="0">${mathsOf(text, true)}</div>\n`,
};

/** MathML, with the TeX beside it for whoever copies it. */
const mathsOf = (tex: string, displayMode: boolean): string =>
  temml.renderToString(tex, { displayMode, annotate: true, throwOnError: true });

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
};
const unescaped = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]);
