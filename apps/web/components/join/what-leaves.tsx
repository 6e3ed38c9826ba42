import type { StrategyView } from "@tandem/protocol/view";
import { ArrowUpFromLine, Lock } from "lucide-react";

const stays = [
  "The samples this tab trains on, and their labels",
  "Everything else in this browser",
  "What is stored here is yours: clear the site's data to remove it",
];

/** What a participant must know before joining. The strategy says what leaves. */
export function WhatLeaves({ strategy }: { readonly strategy: StrategyView }) {
  const { title, disclosure } = strategy;
  return (
    <div className="grid gap-px overflow-hidden rounded-2xl border border-line bg-line sm:grid-cols-2">
      <section aria-labelledby="stays" className="bg-surface p-5 sm:p-6">
        <h2 id="stays" className="flex items-center gap-2 text-sm font-semibold">
          <Lock aria-hidden="true" className="size-4 text-good" /> Stays in this tab
        </h2>
        <ul className="mt-3 space-y-1.5 text-sm text-ink-soft">
          {stays.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="leaves" className="bg-surface p-5 sm:p-6">
        <h2 id="leaves" className="flex items-center gap-2 text-sm font-semibold">
          <ArrowUpFromLine aria-hidden="true" className="size-4 text-clients" /> Leaves it, with{" "}
          {title}
        </h2>
        <p className="mt-3 text-sm text-ink-soft">
          {disclosure ??
            "This strategy does not say what it uploads. Ask whoever runs this server before you join."}
        </p>
        <p className="mt-2 text-sm text-ink-soft">
          Also: the name you enter, your kind of device, progress, and your model's accuracy on a
          public test.
        </p>
      </section>
    </div>
  );
}
