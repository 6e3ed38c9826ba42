"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import type { Figures } from "../../lib/compare/figures";
import { type TableFormat, tableAs, tableFiles, tableFormats } from "../../lib/compare/tables";
import { saveFile } from "../../lib/result/save-file";
import { text } from "../../text/compare";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Segmented } from "../ui/segmented";

const words = text.exports;

/** The table to take along. */
export function ExportTable({
  figures,
  pinned,
}: {
  readonly figures: readonly Figures[];
  readonly pinned: string | undefined;
}) {
  const [format, setFormat] = useState<TableFormat>("csv");
  const { extension, type } = tableFiles[format];
  const table = tableAs(format, figures, pinned);
  const name = words.format[format];
  return (
    <div className="mt-5 flex flex-wrap items-center gap-3">
      <Segmented
        label={words.label}
        value={format}
        options={tableFormats.map((value) => ({ value, text: words.format[value] }))}
        onChange={setFormat}
      />
      <CopyButton text={table} label={words.copy(name)} wayOut={words.cannotCopy} />
      <Button
        aria-label={words.download(name)}
        onClick={() => saveFile(`${words.fileName}.${extension}`, table, type)}
      >
        <Download aria-hidden="true" />
        {words.save}
      </Button>
    </div>
  );
}
