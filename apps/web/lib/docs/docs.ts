/** A page of the manual, as lists of pages have it. */
export type DocLink = {
  /** Behind `/docs/`. */
  readonly slug: string;
  readonly title: string;
};
export type DocSection = { readonly title: string; readonly pages: readonly DocLink[] };

export type DocHeading = { readonly id: string; readonly text: string; readonly depth: number };

export type DocPage = DocLink & {
  readonly section: string;
  /** Made by the server of the repository's Markdown; has no HTML of the file's own. */
  readonly html: string;
  readonly headings: readonly DocHeading[];
  readonly previous?: DocLink;
  readonly next?: DocLink;
};

export type DocExcerpt = readonly { readonly text: string; readonly isHit: boolean }[];
export type DocHit = {
  /** Below the server's base path. */
  readonly path: string;
  readonly page: string;
  /** Absent: the page's beginning. */
  readonly heading?: string;
  readonly excerpt: DocExcerpt;
  /** Words of the query that it does not have; absent where it has all. */
  readonly lacks?: readonly string[];
};

export type Docs = {
  readonly sections: () => Promise<readonly DocSection[]>;
  /** Undefined where there is no such page. */
  readonly page: (slug: string) => Promise<DocPage | undefined>;
  /** The best first. */
  readonly search: (query: string) => Promise<readonly DocHit[]>;
};
