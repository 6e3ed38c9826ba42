import { formatDay } from "@tandem/core/format";
import type { ExperimentView } from "@tandem/protocol/view";
import { text } from "../../text/export";

/** Says of a record of what happened on another server that it is one. */
export function ImportedNote({
  view: { importedAt },
}: {
  readonly view: Pick<ExperimentView, "importedAt">;
}) {
  if (importedAt === undefined) return null;
  return (
    <p title={text.importedMeans} className="text-sm text-ink-faint">
      {text.imported(formatDay(importedAt))}
    </p>
  );
}
