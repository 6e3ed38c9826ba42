"use client";

import { text } from "../../text/charts";
import { Button } from "./button";

type Props = {
  /** What there are pages of. */
  readonly what: string;
  /** From 0 on. */
  readonly page: number;
  readonly size: number;
  readonly count: number;
  readonly onChange: (page: number) => void;
};

/** Leads through what is too much to be drawn at once; nothing where all fits. */
export function Pager({ what, page, size, count, onChange }: Props) {
  if (count <= size) return null;
  const [from, to] = [page * size + 1, Math.min(count, (page + 1) * size)];
  return (
    <nav
      aria-label={text.pages.label(what)}
      className="mt-3 flex flex-wrap items-center justify-end gap-3 text-sm text-ink-soft"
    >
      <span className="figures" role="status">
        {text.pages.range(from, to, count)}
      </span>
      <Button tone="bare" disabled={page === 0} onClick={() => onChange(page - 1)}>
        {text.pages.before}
      </Button>
      <Button tone="bare" disabled={to === count} onClick={() => onChange(page + 1)}>
        {text.pages.next}
      </Button>
    </nav>
  );
}
