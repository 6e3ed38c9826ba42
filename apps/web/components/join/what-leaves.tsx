import type { ReactNode } from "react";
import { text } from "../../text/join-terms";

const { stays, leaves } = text;

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
      <Side id="stays" title={stays.title}>
        <li>{own ? stays.ownSamples : stays.samples}</li>
        <li>{own ? stays.ownDevice : stays.device}</li>
        {ownEncoder && <li>{stays.encoder}</li>}
        <li>
          {own ? stays.ownKept : stays.kept} {stays.key}
        </li>
      </Side>
      <Side id="leaves" title={leaves.title(title)}>
        <li className={disclosure === undefined ? "text-bad" : ""}>
          {disclosure ?? leaves.undisclosed}
        </li>
        <li>{leaves.figures}</li>
        <li>{leaves.name}</li>
        {own && <li>{leaves.ownSamples(own.mostSamples)}</li>}
        {own && <li>{leaves.device}</li>}
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
