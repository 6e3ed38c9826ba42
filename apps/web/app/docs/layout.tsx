import type { ReactNode } from "react";
import { DocsNav } from "../../components/docs/docs-nav";
import { DocsSearch } from "../../components/docs/docs-search";
import { currentVisit } from "../../lib/visit";
import { text } from "../../text/docs";
import "./docs.css";

export default async function DocsLayout({ children }: { readonly children: ReactNode }) {
  const sections = await currentVisit().docs.sections();
  return (
    <div className="grid gap-x-10 gap-y-6 lg:grid-cols-[13rem_minmax(0,1fr)]">
      <div className="relative z-10 flex flex-col gap-4 lg:sticky lg:top-24 lg:max-h-[calc(100dvh-7rem)] lg:self-start">
        <DocsSearch />
        <details className="group rounded-xl border border-line bg-surface lg:hidden">
          <summary className="flex min-h-11 cursor-pointer items-center px-4 text-sm font-medium">
            {text.contents}
          </summary>
          <div className="px-4 pb-4">
            <DocsNav sections={sections} label={text.contents} />
          </div>
        </details>
        <div className="hidden min-h-0 overflow-y-auto pr-2 lg:block">
          <DocsNav sections={sections} label={text.all} />
        </div>
      </div>
      <div className="min-w-0">{children}</div>
    </div>
  );
}
