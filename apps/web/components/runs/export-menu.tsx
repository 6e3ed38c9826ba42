"use client";

import { type ExportFormat, exportFormats } from "@tandem/protocol/experiment-export";
import type { ExperimentView } from "@tandem/protocol/view";
import { ChevronDown, Download } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { basePath } from "../../lib/base-path";
import { text } from "../../text/export";
import { Button } from "../ui/button";

type Props = { readonly view: Pick<ExperimentView, "id" | "status" | "rounds"> };

/** Downloads an experiment; what there is nothing of yet says so in place of its description. */
export function ExportMenu({ view }: Props) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button>
          <Download aria-hidden="true" /> {text.export} <ChevronDown aria-hidden="true" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        align="end"
        sideOffset={6}
        collisionPadding={16}
        className="z-50 w-80 max-w-[calc(100vw-2rem)] rounded-2xl border border-line bg-surface p-1.5 text-ink shadow-lg"
      >
        {exportFormats.map((format) => (
          <Format key={format} view={view} format={format} />
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

function Format({ view, format }: Props & { readonly format: ExportFormat }) {
  const { name, about } = text.formats[format];
  const missing = missingOf(view, format);
  const lines = (
    <>
      <span className="font-medium">{name}</span>
      <span className="text-xs text-ink-soft">{missing ?? about}</span>
    </>
  );
  const look =
    "flex cursor-pointer flex-col gap-0.5 rounded-lg px-3 py-2 text-sm outline-none data-[highlighted]:bg-sunken aria-disabled:cursor-default aria-disabled:text-ink-faint";
  if (missing)
    return (
      // Not `disabled`: whoever uses the keyboard is to hear why.
      <DropdownMenu.Item
        aria-disabled
        onSelect={(event) => event.preventDefault()}
        className={look}
      >
        {lines}
      </DropdownMenu.Item>
    );
  return (
    <DropdownMenu.Item asChild className={look}>
      <a href={`${basePath}/api/experiments/${view.id}/export?format=${format}`} download>
        {lines}
      </a>
    </DropdownMenu.Item>
  );
}

/** Why the experiment cannot be had in this format yet. */
function missingOf({ status, rounds }: Props["view"], format: ExportFormat): string | undefined {
  if (format === "archive") return status === "draft" ? text.notStarted : undefined;
  return rounds.some(({ endedAt }) => endedAt !== undefined) ? undefined : text.noMetrics;
}
