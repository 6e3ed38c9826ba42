import type { ReactNode } from "react";
import { ChevronRight } from "./icons";

/** What is there for whoever wants to know, and works without JavaScript. */
export function Details({
  title,
  children,
  isOpen,
  onToggle,
}: {
  readonly title: string;
  readonly children: ReactNode;
  /** Absent: the browser knows. */
  readonly isOpen?: boolean;
  readonly onToggle?: (isOpen: boolean) => void;
}) {
  return (
    <details
      {...(isOpen !== undefined && { open: isOpen })}
      {...(onToggle && { onToggle: ({ currentTarget }) => onToggle(currentTarget.open) })}
      className="group min-w-0 rounded-2xl border border-line bg-surface"
    >
      <summary className="flex min-h-12 cursor-pointer list-none items-center gap-2 rounded-2xl px-5 text-sm font-medium hover:bg-sunken sm:px-6 [&::-webkit-details-marker]:hidden">
        <ChevronRight className="size-4 text-ink-faint transition-transform group-open:rotate-90" />
        {title}
      </summary>
      <div className="px-5 pt-1 pb-5 sm:px-6">{children}</div>
    </details>
  );
}
