"use client";

import type { SheetView } from "@tandem/protocol/live-view";
import type { ReactNode } from "react";
import { spriteStyle } from "../../lib/live/gallery";
import { useInSight } from "../../lib/live/use-in-sight";
import { useSheet } from "../../lib/live/use-sheet";
import { text } from "../../text/experiment";

/** One picture of a sheet, which is fetched when the picture comes into sight. */
export function SheetPicture({
  label,
  sheet: { sheet, columns, count },
  index,
  className = "",
  children,
}: {
  readonly label: string;
  readonly sheet: SheetView;
  readonly index: number;
  readonly className?: string;
  readonly children?: ReactNode;
}) {
  const [ref, isSeen] = useInSight<HTMLDivElement>();
  const state = useSheet(sheet, isSeen);
  return (
    <div
      ref={ref}
      role="img"
      aria-label={label}
      aria-busy={state === "waiting"}
      className={`pixels relative aspect-square border ${state === "ready" ? "bg-white" : "bg-sunken"} ${className}`}
      style={state === "ready" ? spriteStyle(index, columns, count, sheet) : {}}
    >
      {state === "failed" && (
        <span className="absolute inset-0 flex items-center justify-center p-1 text-center text-[0.6875rem] text-bad">
          {text.gallery.failed}
        </span>
      )}
      {children}
    </div>
  );
}
