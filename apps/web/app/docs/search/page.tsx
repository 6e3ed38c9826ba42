import type { Metadata } from "next";
import { connection } from "next/server";
import { DocHitText } from "../../../components/docs/doc-hit";
import { SiteLink } from "../../../components/ui/site-link";
import { currentVisit } from "../../../lib/visit";
import { text } from "../../../text/docs";

export const metadata: Metadata = { title: text.search.page };

type Props = { readonly searchParams: Promise<{ readonly q?: string | string[] }> };

/** What a search has found, for whoever presses Enter, and without JavaScript. */
export default async function SearchPage({ searchParams }: Props) {
  await connection();
  const { q = "" } = await searchParams;
  const query = String(q).slice(0, 100).trim();
  const hits = await currentVisit().docs.search(query);
  return (
    <>
      <h1 className="text-3xl font-semibold">{query || text.search.label}</h1>
      {query !== "" && (
        <p className="mt-2 text-ink-soft">
          {hits.length === 0 ? text.search.none(query) : text.search.found(hits.length)}
        </p>
      )}
      <ul className="mt-6 space-y-3">
        {hits.map((hit) => (
          <li key={hit.path}>
            <SiteLink
              href={hit.path}
              className="block rounded-xl border border-line bg-surface p-4 hover:border-line-strong"
            >
              <DocHitText hit={hit} />
            </SiteLink>
          </li>
        ))}
      </ul>
    </>
  );
}
