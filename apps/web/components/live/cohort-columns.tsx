import { formatBytes, formatNumber } from "@tandem/core/format";
import type { ClientView } from "@tandem/protocol/view";
import { type ColumnDef, createColumnHelper } from "@tanstack/react-table";
import { deviceText, stageText } from "../../lib/join/client-sentence";
import { isHere } from "../../lib/live/presence";
import { modalityText } from "../../lib/modality-text";
import { text } from "../../text/experiment";
import { ProgressBar } from "../ui/progress-bar";
import { accuracyText } from "./now-panel";

const column = createColumnHelper<ClientView>();

const modalityColour: Readonly<Record<ClientView["modality"], string>> = {
  image: "bg-clients",
  text: "bg-series-text",
  "image-text": "bg-series-both",
};
const words = text.clients;

const bytes = (value: number) => <span className="figures">{formatBytes(value)}</span>;

/** Columns whose numbers line up on the right. */
export const numericColumns: ReadonlySet<string> = new Set(["accuracy", "bytesUp", "bytesDown"]);

export const cohortColumns = [
  column.accessor("name", {
    header: words.columns.name,
    cell: ({ row, getValue }) => (
      <>
        <span className="block max-w-36 truncate font-medium sm:max-w-56" title={getValue()}>
          {getValue() || words.noName}
        </span>
        <span className="figures block text-xs text-ink-faint">
          {words.place(row.original.slot)}
        </span>
      </>
    ),
  }),
  column.accessor("status", {
    header: words.columns.status,
    cell: ({ row: { original } }) => <Status client={original} />,
  }),
  column.accessor("accuracy", {
    header: words.columns.accuracy,
    sortUndefined: "last",
    cell: ({ getValue }) => <span className="figures">{accuracyText(getValue())}</span>,
  }),
  column.accessor("modality", {
    header: words.columns.modality,
    cell: ({ getValue }) => (
      <span className="inline-flex items-center gap-2">
        <span aria-hidden="true" className={`size-2 rounded-full ${modalityColour[getValue()]}`} />
        {modalityText[getValue()]}
      </span>
    ),
  }),
  column.accessor("architecture", { header: words.columns.architecture }),
  column.accessor("source", {
    header: words.columns.source,
    cell: ({ row, getValue }) =>
      row.original.status !== "erased" && (
        <>
          <span className="block">{getValue()}</span>
          <span className="figures block text-xs text-ink-faint">
            {words.samples(row.original.samples, row.original.heldOut)}
          </span>
        </>
      ),
  }),
  column.accessor("device", {
    header: words.columns.device,
    cell: ({ row: { original }, getValue }) => (
      <>
        <span className="block">{deviceText[getValue()] ?? getValue()}</span>
        {original.speed !== undefined && (
          <span className="figures block text-xs text-ink-faint">
            {words.speed(formatNumber(original.speed))}
          </span>
        )}
      </>
    ),
  }),
  column.accessor("bytesUp", {
    header: words.columns.bytesUp,
    cell: ({ getValue }) => bytes(getValue()),
  }),
  column.accessor("bytesDown", {
    header: words.columns.bytesDown,
    cell: ({ getValue }) => bytes(getValue()),
  }),
] as ColumnDef<ClientView>[]; // the helper's column types differ by value; the table takes any

function Status({ client }: { readonly client: ClientView }) {
  const { status, stage, fraction, name } = client;
  const working = status === "working";
  const doing = (stage && stageText[stage]) ?? words.working;
  const gone = !isHere(client);
  return (
    <div className={`w-28 ${gone ? "text-ink-faint" : ""}`}>
      <span>{working ? doing : words.status[status]}</span>
      {working ? (
        <ProgressBar label={`${name}: ${doing}`} fraction={fraction ?? 0} className="mt-1.5" />
      ) : (
        <div className="mt-1.5 h-1.5" /> // room for the bar: rows keep their height
      )}
    </div>
  );
}
