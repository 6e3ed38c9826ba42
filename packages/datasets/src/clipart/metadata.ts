/** What an Open Clip Art file says of itself, and where it lies in the collection. */
export type Metadata = {
  /** Relative to the collection, with "/". */
  readonly path: string;
  readonly title: string;
  readonly keywords: readonly string[];
  readonly creator: string;
  readonly publicDomain: boolean;
};

/** Reads the Creative Commons block; a file without one has empty fields. */
export function readMetadata(path: string, svg: string): Metadata {
  const work = between(svg, "cc:Work") || between(svg, "Work");
  const creator = between(work, "dc:creator");
  const subject = between(work, "dc:subject");
  const keywords = [...subject.matchAll(/<rdf:li[^>]*>([^<]*)<\/rdf:li>/g)].map(([, text]) =>
    decoded(text),
  );
  return {
    path,
    // Creator, publisher and rights have titles of their own.
    title: decoded(between(work.split(/<dc:(?:creator|publisher|rights)/)[0], "dc:title")),
    keywords: keywords.filter(Boolean),
    creator: decoded(between(creator, "dc:title") || creator.replaceAll(/<[^>]*>/g, "")),
    publicDomain: /<(cc:)?license[^>]*resource="[^"]*publicdomain\/?"/i.test(work),
  };
}

function between(text: string, tag: string): string {
  const open = new RegExp(`<${tag}(\\s[^>]*)?>`).exec(text);
  if (!open) return "";
  const start = open.index + open[0].length;
  const end = text.indexOf(`</${tag}>`, start);
  return end < 0 ? "" : text.slice(start, end);
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

const decoded = (text: string) =>
  text
    .replaceAll(/&#(x?)([0-9a-f]+);/gi, (whole, hex: string, digits: string) => {
      const code = Number.parseInt(digits, hex ? 16 : 10);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .trim();
