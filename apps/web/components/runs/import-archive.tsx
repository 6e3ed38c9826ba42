"use client";

import { messageOf } from "@tandem/core/errors";
import type { ExperimentView } from "@tandem/protocol/view";
import { Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { upload } from "../../lib/tasks/upload";
import { text } from "../../text/export";
import { Button } from "../ui/button";

/** Brings an experiment that another server has exported, and opens it. */
export function ImportArchive() {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [fraction, setFraction] = useState<number>();
  const cancel = useRef<AbortController>(undefined);
  const take = async (file: File) => {
    cancel.current = new AbortController();
    const { signal } = cancel.current;
    setFraction(0);
    try {
      const path = "/api/experiments/import";
      const { id } = await upload<ExperimentView>(path, file, setFraction, signal);
      router.push(`/experiments/${id}`);
    } catch (error) {
      if (!signal.aborted) toast.error(messageOf(error));
    } finally {
      setFraction(undefined);
    }
  };
  return (
    <>
      <Button
        disabled={fraction !== undefined}
        title={text.importMeans}
        onClick={() => input.current?.click()}
      >
        <Upload aria-hidden="true" />
        {fraction === undefined ? text.import : text.importing(fraction)}
      </Button>
      {fraction !== undefined && fraction < 1 && (
        <Button tone="bare" onClick={() => cancel.current?.abort()}>
          {text.cancelImport}
        </Button>
      )}
      <span role="status" className="sr-only">
        {fraction !== undefined && text.importing(fraction)}
      </span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={text.importMeans}
        accept=".zip,application/zip"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = ""; // the same file may be chosen again
          if (file) void take(file);
        }}
      />
    </>
  );
}
