import { plural } from "@tandem/core/format";
import type { ReactNode } from "react";

type Props = {
  /** Of the strategy. */
  readonly title: string;
  readonly disclosure: string | undefined;
  /** Participants bring their own data, of which so many samples count. */
  readonly own?: { readonly mostSamples: number } | undefined;
  /** They may bring a model of their own. */
  readonly ownEncoder?: boolean;
};

/** All that a participant may want to know of what is kept and sent. */
export function WhatLeaves({ title, disclosure, own, ownEncoder = false }: Props) {
  return (
    <div className="grid gap-6 sm:grid-cols-2">
      <Side id="stays" title="Never leaves this tab">
        <li>
          {own
            ? "The pictures and captions that you bring. They are read, kept and trained on here; only how many there are is told."
            : "The pictures and captions it trains on. The server hands them out when you join; nothing of them is sent back."}
        </li>
        <li>
          {own
            ? "The rest of your files, other tabs and everything else on this device: this page reads only what you give it."
            : "Your files, other tabs and everything else on this device: this page reads none."}
        </li>
        {ownEncoder && (
          <li>
            A model of your own, if you bring one: neither its files nor its weights are sent.
          </li>
        )}
        <li>
          {own
            ? "Your data is kept in this browser until you delete it, the model until you leave."
            : "Samples and model are kept in this browser for the next visit, until you leave. Then they are removed."}{" "}
          A key stays, with which you can have what you sent erased.
        </li>
      </Side>
      <Side id="leaves" title={`Sent to the server, with ${title}`}>
        <li className={disclosure === undefined ? "text-bad" : ""}>
          {disclosure ??
            "This strategy does not say what it uploads. Ask whoever runs this server before you join."}
        </li>
        <li>
          Your model's loss and its accuracy, the number of samples, how many of them it trains on
          in a second, how far a round is, and why one failed, if it did.
        </li>
        <li>
          The name you enter and which way of computing this device uses. Everybody who can open the
          dashboard sees them.
        </li>
        {own && (
          <li>
            How many samples you bring. In what the server makes of all answers, more than{" "}
            {plural(own.mostSamples, "sample")} of one participant count as {own.mostSamples}.
          </li>
        )}
        {own && (
          <li>
            How long a small training step takes here, and how much memory the browser says that
            there is: by that the server chooses which model this tab trains. It does not keep them.
          </li>
        )}
      </Side>
    </div>
  );
}

type SideProps = { readonly id: string; readonly title: string; readonly children: ReactNode };

function Side({ id, title, children }: SideProps) {
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="text-sm font-semibold">
        {title}
      </h3>
      <ul className="mt-2 list-disc space-y-2 pl-4 text-sm text-ink-soft marker:text-line-strong">
        {children}
      </ul>
    </section>
  );
}
