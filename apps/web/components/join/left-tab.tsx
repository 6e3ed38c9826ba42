"use client";

import type { Sent } from "@tandem/client/messages";
import { formatBytes } from "@tandem/core/format";
import { useMemo, useState, useSyncExternalStore } from "react";
import { ledger } from "../../lib/join/ledger";
import { asJsonLines } from "../../lib/join/ledger-lines";
import { type SentGroup, sentGroups } from "../../lib/join/sent-groups";
import { saveFile } from "../../lib/result/save-file";
import { text } from "../../text/taking-part";
import { Button } from "../ui/button";
import { Details } from "../ui/details";

const words = text.ledger;
/** Of groups at first, and of one group's messages. */
const [mostGroups, mostMessages] = [12, 50];

/** Everything that has left this tab, as it leaves, for whoever wants to check it. */
export function LeftTab({ experiment }: { readonly experiment: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Details title={words.title} isOpen={isOpen} onToggle={setIsOpen}>
      {isOpen && <Ledger experiment={experiment} />}
    </Details>
  );
}

function Ledger({ experiment }: { readonly experiment: string }) {
  const shown = useSyncExternalStore(ledger.subscribe, ledger.shown);
  const groups = useMemo(() => sentGroups(shown.entries), [shown]);
  const [isWhole, setIsWhole] = useState(false);
  const bytes = shown.entries.reduce((sum, sent) => sum + sent.bytes, 0);
  const told = shown.entries.filter(({ what }) => what !== "get").length;
  return (
    <>
      <p className="text-sm text-ink-soft">
        {words.text(told, bytes)}
        {shown.forgotten > 0 && words.forgotten(shown.forgotten)}
      </p>
      <ol aria-label={words.title} className="mt-3 text-sm">
        {groups.slice(0, isWhole ? undefined : mostGroups).map((group, i) => (
          <Group key={groups.length - i} group={group} />
        ))}
      </ol>
      <div className="mt-4 flex flex-wrap gap-2">
        {groups.length > mostGroups && !isWhole && (
          <Button onClick={() => setIsWhole(true)}>{words.all(groups.length)}</Button>
        )}
        <Button
          onClick={() =>
            saveFile(
              `left-this-tab-${experiment}.jsonl`,
              asJsonLines(ledger.shown()),
              "application/jsonl",
            )
          }
        >
          {words.save}
        </Button>
      </div>
    </>
  );
}

function Group({ group: { title, bytes, sent } }: { readonly group: SentGroup }) {
  const [isOpen, setIsOpen] = useState(false);
  const count = sent.length > 1 ? words.times(sent.length) : "";
  return (
    <li className="border-b border-line">
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary className="flex cursor-pointer items-baseline gap-3 py-2 hover:bg-sunken">
          <time className="shrink-0 text-xs text-ink-faint tabular-nums">
            {new Date(sent[0].at).toLocaleTimeString("en-GB")}
          </time>
          <span className="min-w-0 flex-1 wrap-anywhere">
            {title} <span className="text-ink-faint">{count}</span>
          </span>
          <span className="shrink-0 text-ink-soft tabular-nums">
            {bytes > 0 && formatBytes(bytes)}
          </span>
        </summary>
        {isOpen && (
          <ul className="space-y-2 pb-3">
            {sent.slice(-mostMessages).map((one) => (
              <Message key={`${one.at} ${one.text}`} sent={one} />
            ))}
            {sent.length > mostMessages && (
              <li className="text-xs text-ink-soft">{words.last(mostMessages, sent.length)}</li>
            )}
          </ul>
        )}
      </details>
    </li>
  );
}

function Message({ sent: { what, text: said, bytes, blob } }: { readonly sent: Sent }) {
  return (
    <li className="text-xs text-ink-soft">
      <code className="block rounded-md bg-sunken px-2 py-1 break-all">{said}</code>
      {what === "put" && !blob && <p className="mt-1">{words.gone}</p>}
      {blob && (
        <button
          type="button"
          className="mt-1 underline underline-offset-2"
          onClick={() => saveFile(`${said}.bin`, blob, "application/octet-stream")}
        >
          {words.saveOne(bytes)}
        </button>
      )}
    </li>
  );
}
