"use client";

import type { AuditView } from "@tandem/protocol/view";
import { Download } from "lucide-react";
import { useState } from "react";
import { basePath } from "../../lib/base-path";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/audit";
import { Rows } from "../account/rows";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { AuditFields, type Wanted } from "./audit-fields";
import { AuditRow } from "./audit-row";

const formats = ["csv", "jsonl"] as const;

/** Who did what, the latest first; a page of what is asked for, or all of it as a file. */
export function AuditLog() {
  const [wanted, setWanted] = useState<Wanted>({});
  const [before, setBefore] = useState<number>();
  const query = new URLSearchParams(wanted);
  const paged = new URLSearchParams(wanted);
  if (before !== undefined) paged.set("before", String(before));
  const page = useResource<AuditView>(`/api/audit?${paged}`);
  const older = page.type === "ready" && page.fresh ? page.value.before : undefined;
  const rows =
    page.type === "ready"
      ? { ...page, value: page.value.entries.map((one) => ({ ...one, id: String(one.sequence) })) }
      : page;
  return (
    <Panel
      title={text.entries}
      actions={
        <span className="flex flex-wrap justify-end gap-2">
          {formats.map((format) => (
            <Button asChild key={format}>
              <a
                href={`${basePath}/api/audit.${format}?${query}`}
                download
                aria-label={text.saveAs(format.toUpperCase())}
              >
                <Download aria-hidden="true" />
                {format.toUpperCase()}
              </a>
            </Button>
          ))}
        </span>
      }
    >
      <AuditFields
        onChange={(next) => {
          setBefore(undefined);
          setWanted(next);
          page.retry();
        }}
      />
      <div aria-busy={page.type === "ready" && !page.fresh} aria-live="polite">
        <Rows label={text.title} of={rows} none={text.none}>
          {(entry) => <AuditRow entry={entry} />}
        </Rows>
      </div>
      {(before !== undefined || older !== undefined) && (
        <nav aria-label={text.pages} className="mt-5 flex gap-2">
          <Button disabled={before === undefined} onClick={() => setBefore(undefined)}>
            {text.latest}
          </Button>
          <Button disabled={older === undefined} onClick={() => setBefore(older)}>
            {text.older}
          </Button>
        </nav>
      )}
    </Panel>
  );
}
