"use client";

import type { RunRow } from "@tandem/protocol/experiment-list";
import { Archive, ArchiveRestore, GitCompare, Tag } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { relabel } from "../../lib/runs/relabel";
import { text } from "../../text/experiments";
import { text as runs } from "../../text/runs";
import { For } from "../account/visitor";
import { TagDialog } from "../runs/tag-dialog";
import { Button } from "../ui/button";

/** What can be done with all that is selected. */
export function BulkBar({
  chosen,
  tags,
  onClear,
}: {
  readonly chosen: readonly RunRow[];
  /** That others have. */
  readonly tags: readonly string[];
  readonly onClear: () => void;
}) {
  const router = useRouter();
  const [isTagging, setIsTagging] = useState(false);
  const onDone = () => router.refresh();
  if (chosen.length === 0) return null;
  const isRestoring = chosen.every(({ archived }) => archived);
  const archive = () =>
    relabel(
      chosen,
      ({ archived }) => (archived === isRestoring ? { archived: !isRestoring } : undefined),
      { said: isRestoring ? runs.restored : runs.archived, onDone },
    ).then(onClear);
  return (
    <section
      aria-label={text.bulk.label}
      className="sticky bottom-4 z-20 mt-5 flex flex-wrap items-center gap-2 rounded-2xl border border-line-strong bg-surface p-3 shadow-lg"
    >
      <p role="status" className="figures mr-auto px-2 text-sm font-medium">
        {text.bulk.count(chosen.length)}
      </p>
      {chosen.length > 1 ? (
        <Button tone="primary" asChild>
          <Link href={`/compare?runs=${chosen.map(({ id }) => id).join(",")}`} prefetch={false}>
            <GitCompare aria-hidden="true" /> {text.bulk.compare}
          </Link>
        </Button>
      ) : (
        <Button tone="primary" disabled title={text.bulk.compareHint}>
          <GitCompare aria-hidden="true" /> {text.bulk.compare}
        </Button>
      )}
      <For who="researcher">
        <Button onClick={() => setIsTagging(true)}>
          <Tag aria-hidden="true" /> {text.bulk.tag}
        </Button>
        <Button onClick={() => void archive()}>
          {isRestoring ? <ArchiveRestore aria-hidden="true" /> : <Archive aria-hidden="true" />}
          {isRestoring ? text.bulk.restore : text.bulk.archive}
        </Button>
        {isTagging && (
          <TagDialog
            chosen={chosen}
            known={tags}
            onDone={onDone}
            onClose={() => setIsTagging(false)}
          />
        )}
      </For>
      <Button tone="bare" onClick={onClear}>
        {text.bulk.clear}
      </Button>
    </section>
  );
}
