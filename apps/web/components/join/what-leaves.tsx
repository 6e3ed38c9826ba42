import { ArrowUpFromLine, Lock } from "lucide-react";
import type { ReactNode } from "react";

/** What a participant must know before joining. The strategy says what its uploads hold. */
export function WhatLeaves({
  title,
  disclosure,
}: {
  /** Of the strategy. */
  readonly title: string;
  readonly disclosure: string | undefined;
}) {
  return (
    <div className="grid gap-px overflow-hidden rounded-2xl border border-line bg-line sm:grid-cols-2">
      <Side
        id="stays"
        title="Never leaves this tab"
        icon={<Lock aria-hidden="true" className="size-4 text-good" />}
      >
        <li>
          The pictures and captions it trains on. The server hands them out when you join; nothing
          of them is sent back.
        </li>
        <li>Your files, other tabs and everything else on this device: this page reads none.</li>
        <li>
          Samples and model are kept in this browser for the next visit. Clear the site's data to
          remove them.
        </li>
      </Side>
      <Side
        id="leaves"
        title={`Sent to the server, with ${title}`}
        icon={<ArrowUpFromLine aria-hidden="true" className="size-4 text-clients" />}
      >
        <li className={disclosure === undefined ? "text-bad" : ""}>
          {disclosure ??
            "This strategy does not say what it uploads. Ask whoever runs this server before you join."}
        </li>
        <li>
          Your model's loss and its accuracy on a public test, the number of samples, how far a
          round is, and why one failed, if it did.
        </li>
        <li>
          The name you enter and which way of computing this device uses. Everybody who can open the
          dashboard sees them.
        </li>
      </Side>
    </div>
  );
}

type SideProps = {
  readonly id: string;
  readonly title: string;
  readonly icon: ReactNode;
  readonly children: ReactNode;
};

function Side({ id, title, icon, children }: SideProps) {
  return (
    <section aria-labelledby={id} className="bg-surface p-5 sm:p-6">
      <h2 id={id} className="flex items-center gap-2 text-base font-semibold">
        {icon} {title}
      </h2>
      <ul className="mt-3 list-disc space-y-2 pl-4 text-sm text-ink-soft marker:text-line-strong">
        {children}
      </ul>
    </section>
  );
}
