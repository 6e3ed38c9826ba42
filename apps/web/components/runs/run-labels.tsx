import type { ExperimentView } from "@tandem/protocol/view";
import Link from "next/link";
import { text } from "../../text/runs";
import { Tags } from "./tags";

/** What people have noted about an experiment; nothing where they have not. */
export function RunLabels({
  view: { tags, note, group, archived },
}: {
  readonly view: Pick<ExperimentView, "tags" | "note" | "group" | "archived">;
}) {
  if (tags.length === 0 && note === "" && group === null && !archived) return null;
  return (
    <div className="mt-2 space-y-2">
      <p className="flex flex-wrap items-center gap-2 text-sm text-ink-soft empty:hidden">
        {group !== null && (
          <Link
            href={`/?group=${encodeURIComponent(group)}`}
            prefetch={false}
            className="underline decoration-line-strong underline-offset-4 hover:text-ink"
          >
            {text.of.group(group)}
          </Link>
        )}
        <Tags tags={tags} />
        {archived && <span>{text.of.archived}</span>}
      </p>
      {note !== "" && (
        <p className="max-w-prose text-sm break-words whitespace-pre-wrap text-ink-soft">{note}</p>
      )}
    </div>
  );
}
