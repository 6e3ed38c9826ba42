import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { connection } from "next/server";
import type { DocHeading, DocLink } from "../../lib/docs/docs";
import { currentVisit } from "../../lib/visit";
import { text } from "../../text/docs";
import { SiteLink } from "../ui/site-link";
import { CopyCode } from "./copy-code";

const pageOf = async (slug: string) => {
  await connection();
  return currentVisit().docs.page(slug);
};

export const docMetadata = async (slug: string): Promise<Metadata> => {
  const page = await pageOf(slug);
  return page ? { title: page.title } : {};
};

/** A page of the manual with what is on it, and the pages before and after. */
export async function DocArticle({ slug }: { readonly slug: string }) {
  const { title, section, html, headings, previous, next } = (await pageOf(slug)) ?? notFound();
  return (
    <div className="grid gap-x-10 xl:grid-cols-[minmax(0,1fr)_13rem]">
      <article className="doc min-w-0">
        <p className="text-sm text-ink-faint">{section}</p>
        <h1 className="mt-1 mb-6 text-3xl font-semibold">{title}</h1>
        {headings.length > 2 && (
          <details className="mb-6 rounded-xl border border-line bg-surface xl:hidden">
            <summary className="flex min-h-11 cursor-pointer items-center px-4 text-sm font-medium">
              {text.onThisPage}
            </summary>
            <div className="px-4 pb-4">
              <Headings headings={headings} />
            </div>
          </details>
        )}
        {/* Made by server/docs/markdown.ts, which lets no HTML of a file through. */}
        <div id="doc" dangerouslySetInnerHTML={{ __html: html }} />
        <CopyCode within="doc" key={slug} />
        <nav aria-label={text.neighbours} className="mt-12 flex flex-wrap justify-between gap-3">
          {previous && <Neighbour page={previous} label={text.previous} />}
          {next && <Neighbour page={next} label={text.next} className="ml-auto text-right" />}
        </nav>
      </article>
      {headings.length > 2 && (
        <div className="sticky top-24 hidden max-h-[calc(100dvh-7rem)] self-start overflow-y-auto xl:block">
          <p className="mb-2 text-sm font-medium">{text.onThisPage}</p>
          <Headings headings={headings} />
        </div>
      )}
    </div>
  );
}

function Headings({ headings }: { readonly headings: readonly DocHeading[] }) {
  return (
    <nav aria-label={text.onThisPage}>
      <ul className="space-y-1 text-sm">
        {headings
          .filter(({ depth }) => depth <= 3)
          .map(({ id, text, depth }) => (
            <li key={id} className={depth === 3 ? "pl-3" : ""}>
              <a
                href={`#${id}`}
                className="block py-1 wrap-anywhere text-ink-soft hover:text-ink hover:underline"
              >
                {text}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}

function Neighbour({
  page: { slug, title },
  label,
  className = "",
}: {
  readonly page: DocLink;
  readonly label: string;
  readonly className?: string;
}) {
  return (
    <SiteLink
      href={`/docs/${slug}`}
      className={`rounded-xl border border-line bg-surface px-4 py-3 hover:border-line-strong ${className}`}
    >
      <span className="block text-xs text-ink-faint">{label}</span>
      <span className="text-sm font-medium">{title}</span>
    </SiteLink>
  );
}
