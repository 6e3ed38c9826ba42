import type { Metadata } from "next";
import { connection } from "next/server";
import { SiteLink } from "../../components/ui/site-link";
import { currentVisit } from "../../lib/visit";
import { text } from "../../text/docs";

export const metadata: Metadata = { title: text.title };

export default async function DocsPage() {
  await connection();
  const sections = await currentVisit().docs.sections();
  return (
    <>
      <h1 className="text-3xl font-semibold">{text.title}</h1>
      <p className="mt-2 max-w-prose text-ink-soft">{text.intro}</p>
      <div className="mt-8 grid gap-4 sm:grid-cols-2">
        {sections.map(({ title, pages }) => (
          <section
            key={title}
            aria-label={title}
            className="rounded-2xl border border-line bg-surface p-5"
          >
            <h2 className="text-base font-semibold">{title}</h2>
            <ul className="mt-2 -mb-1">
              {pages.map(({ slug, title }) => (
                <li key={slug}>
                  <SiteLink
                    href={`/docs/${slug}`}
                    className="block py-1.5 text-sm text-ink-soft hover:text-ink hover:underline"
                  >
                    {title}
                  </SiteLink>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  );
}
