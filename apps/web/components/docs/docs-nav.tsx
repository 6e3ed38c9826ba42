"use client";

import { usePathname } from "next/navigation";
import type { DocSection } from "../../lib/docs/docs";
import { SiteLink } from "../ui/site-link";

/** All pages of the manual, the one that is open marked. */
export function DocsNav({
  sections,
  label,
}: {
  readonly sections: readonly DocSection[];
  readonly label: string;
}) {
  const path = usePathname();
  return (
    <nav aria-label={label} className="space-y-5 text-sm">
      {sections.map(({ title, pages }) => (
        <div key={title}>
          <p className="mb-1 font-medium">{title}</p>
          <ul>
            {pages.map(({ slug, title }) => (
              <li key={slug}>
                <SiteLink
                  href={`/docs/${slug}`}
                  {...(path === `/docs/${slug}` && { "aria-current": "page" })}
                  className="block rounded-md px-2 py-1.5 text-ink-soft hover:bg-sunken hover:text-ink aria-[current]:bg-clients-soft aria-[current]:text-ink"
                >
                  {title}
                </SiteLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
