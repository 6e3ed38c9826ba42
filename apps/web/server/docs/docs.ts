import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { DocLink, DocPage, DocSection, Docs } from "../../lib/docs/docs";
import { contents, listTitles, slugOf } from "./contents";
import { drawnPicture } from "./pictures";
import type { Indexed } from "./search";

/** The repository's `docs/`. */
export const docsFolder = join(import.meta.dirname, "../../../../docs");

type Known = DocLink & { readonly file: string; readonly section: string };

/** The manual, made of the repository's Markdown when somebody asks for it, and kept. */
export function createDocs({
  basePath,
  folder = docsFolder,
}: {
  readonly basePath: string;
  readonly folder?: string;
}): Docs {
  const read = (file: string) => readFile(join(folder, `${file}.md`), "utf8");
  const pages = new Map<string, Promise<DocPage>>();
  let listed: Promise<readonly Known[]> | undefined;
  let index: Promise<ReturnType<typeof import("./search").createIndex>> | undefined;

  const all = () => {
    listed ??= list();
    return listed;
  };

  async function list(): Promise<readonly Known[]> {
    const { titleOf } = await import("./markdown");
    return Promise.all(
      contents.flatMap(({ title: section, files }) =>
        files
          .filter((file) => existsSync(join(folder, `${file}.md`)))
          .map(async (file) => {
            const title = listTitles[file] ?? titleOf(await read(file));
            if (title === undefined) throw new Error(`docs/${file}.md has no title`);
            return { slug: slugOf(file), title, file, section };
          }),
      ),
    );
  }

  async function draw(at: number): Promise<DocPage> {
    const { renderDocument } = await import("./markdown");
    const known = await all();
    const { file, section, ...link } = known[at];
    const drawn = renderDocument(await read(file), {
      link: (href) => addressOf(href, { file, known, basePath }),
      picture(href, alt) {
        const path = posix.join(posix.dirname(file), href);
        return drawnPicture({ path, alt, folder, address: `${basePath}/api/docs/${path}` });
      },
    });
    const [previous, next] = [known.at(at - 1), known.at(at + 1)].map(plain);
    return {
      ...{ ...link, section, ...drawn },
      ...(at > 0 && previous && { previous }),
      ...(next && { next }),
    };
  }

  async function build() {
    const { partsOf } = await import("./markdown");
    const { createIndex } = await import("./search");
    const parts: Indexed[] = [];
    for (const { slug, title: page, file } of await all()) {
      for (const part of partsOf(await read(file))) parts.push({ ...part, slug, page });
      await turn(); // an experiment may be running
    }
    return createIndex(parts);
  }

  return {
    async sections(): Promise<readonly DocSection[]> {
      const known = await all();
      return contents
        .map(({ title }) => ({
          title,
          pages: known
            .filter(({ section }) => section === title)
            .flatMap((page) => plain(page) ?? []),
        }))
        .filter(({ pages }) => pages.length > 0);
    },
    async page(slug) {
      const at = (await all()).findIndex((known) => known.slug === slug);
      if (at < 0) return undefined;
      const page = pages.get(slug) ?? draw(at);
      pages.set(slug, page);
      return page;
    },
    async search(query) {
      index ??= build();
      return (await index)(query);
    },
  };
}

const plain = (known: Known | undefined): DocLink | undefined =>
  known && { slug: known.slug, title: known.title };

/** Of a page of the manual or another site; of what is in the repository alone there is none. */
function addressOf(
  href: string,
  at: { readonly file: string; readonly known: readonly Known[]; readonly basePath: string },
): string | undefined {
  if (/^(https?:\/\/|#)/.test(href)) return href;
  const [path, hash] = href.split("#");
  const file = posix.join(posix.dirname(at.file), path).replace(/\.md$/, "");
  if (file === "../README") return `${at.basePath}/docs`;
  const page = at.known.find((known) => known.file === file);
  return page && `${at.basePath}/docs/${page.slug}${hash ? `#${hash}` : ""}`;
}
