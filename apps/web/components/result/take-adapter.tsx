import { formatBytes } from "@tandem/core/format";
import type { AdapterView } from "@tandem/protocol/view";
import { Download } from "lucide-react";
import { useId } from "react";
import { basePath } from "../../lib/base-path";
import { gone } from "../../lib/result/painting";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/result";
import type { StudyPage } from "../join/study-page";
import { Button } from "../ui/button";

const words = text.adapter;

/** What the study has taught its teacher so far, as a file. */
export function TakeAdapter({
  study,
  occasion,
}: {
  readonly study: StudyPage;
  /** Looks again when it changes. */
  readonly occasion: string;
}) {
  const path = `/api/experiments/${study.id}`;
  const resource = useResource<readonly AdapterView[]>(`${path}/adapters?at=${occasion}`);
  const [title, size] = [useId(), useId()];
  const last = resource.type === "ready" ? resource.value.at(-1) : undefined;
  return (
    <section aria-labelledby={title} className="mt-6 border-t border-line pt-5">
      <h3 id={title} className="text-sm font-medium">
        {words.title}
      </h3>
      <p className="mt-1 max-w-prose text-sm text-ink-soft">
        {words.about}
        <Code>{words.simulate}</Code>
        {words.simulateText}
        <Code>{words.generate}</Code>
        {words.generateText}
      </p>
      {last && "bytes" in last ? (
        <>
          <Button asChild className="mt-3">
            <a
              href={`${basePath}${path}/adapter.zip?round=${last.round}`}
              download
              aria-describedby={size}
            >
              <Download aria-hidden="true" /> {words.download}
            </a>
          </Button>
          <p id={size} className="mt-2 text-xs text-ink-soft">
            {words.file(last.round)}
            <span className="figures">{formatBytes(last.bytes)}</span>
          </p>
        </>
      ) : (
        <p
          className={`mt-3 min-h-5 text-sm break-words ${last || resource.type === "failed" ? "text-bad" : "text-ink-soft"}`}
        >
          {resource.type === "loading" && words.looking}
          {resource.type === "failed" && (resource.isGone ? gone : resource.message)}
          {resource.type === "ready" && (last?.problem ?? words.none)}
        </p>
      )}
    </section>
  );
}

const Code = ({ children }: { readonly children: string }) => (
  <code className="rounded bg-sunken px-1 py-0.5 text-xs break-words">{children}</code>
);
