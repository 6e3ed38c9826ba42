"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { copy as words } from "../../text/shared";
import { Button } from "./button";

type Props = {
  readonly text: string;
  readonly label: string;
  /** What it shows. */
  readonly shown?: string;
  /** Where the browser does not let pages copy. */
  readonly wayOut?: string;
};

export function CopyButton({ text, label, shown = words.verb, wayOut = words.wayOut }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    // Absent outside secure contexts, e.g. plain HTTP by network address.
    if (!navigator.clipboard) {
      toast.error(wayOut);
      return;
    }
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button onClick={() => void copy()} aria-label={label}>
      {copied ? <Check /> : <Copy />}
      <span aria-live="polite">{copied ? words.done : shown}</span>
    </Button>
  );
}
