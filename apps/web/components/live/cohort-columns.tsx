import { formatBytes, formatNumber, plural } from "@tandem/core/format";
import type { ClientView } from "@tandem/protocol/view";
import { type ColumnDef, createColumnHelper } from "@tanstack/react-table";
import { deviceText, stageText } from "../../lib/join/client-sentence";
import { isHere } from "../../lib/live/presence";
import { modalityText } from "../../lib/modality-text";
import { ProgressBar } from "../ui/progress-bar";
import { accuracyText } from "./now-panel";

const column = createColumnHelper<ClientView>();

const modalityColour: Readonly<Record<ClientView["modality"], string>> = {
  image: "bg-clients",
  text: "bg-series-text",
  "image-text": "bg-series-both",
};
const statusText: Readonly<Record<ClientView["status"], string>> = {
  joined: "Joined, loading",
  ready: "Ready",
  resting: "Sits this round out",
  working: "Working",
  done: "Answered",
  away: "Away",
  left: "Left",
  removed: "Removed",
  erased: "Erased",
};

const bytes = (value: number) => <span className="figures">{formatBytes(value)}</span>;

/** Columns whose numbers line up on the right. */
export const numericColumns: ReadonlySet<string> = new Set(["accuracy", "bytesUp", "bytesDown"]);

export const cohortColumns = [
  column.accessor("name", {
    header: "Client",
    cell: ({ row, getValue }) => (
      <>
        <span className="block max-w-36 truncate font-medium sm:max-w-56" title={getValue()}>
          {getValue() || "No name"}
        </span>
        <span className="figures block text-xs text-ink-faint">place {row.original.slot}</span>
      </>
    ),
  }),
  column.accessor("status", {
    header: "Status",
    cell: ({ row: { original } }) => <Status client={original} />,
  }),
  column.accessor("accuracy", {
    header: "Accuracy",
    sortUndefined: "last",
    cell: ({ getValue }) => <span className="figures">{accuracyText(getValue())}</span>,
  }),
  column.accessor("modality", {
    header: "Modality",
    cell: ({ getValue }) => (
      <span className="inline-flex items-center gap-2">
        <span aria-hidden="true" className={`size-2 rounded-full ${modalityColour[getValue()]}`} />
        {modalityText[getValue()]}
      </span>
    ),
  }),
  column.accessor("architecture", { header: "Model" }),
  column.accessor("source", {
    header: "Data",
    cell: ({ row, getValue }) =>
      row.original.status !== "erased" && (
        <>
          <span className="block">{getValue()}</span>
          <span className="figures block text-xs text-ink-faint">
            {plural(row.original.samples, "sample")}
            {row.original.heldOut !== undefined && `, ${row.original.heldOut} held back`}
          </span>
        </>
      ),
  }),
  column.accessor("device", {
    header: "Device",
    cell: ({ row: { original }, getValue }) => (
      <>
        <span className="block">{deviceText[getValue()] ?? getValue()}</span>
        {original.speed !== undefined && (
          <span className="figures block text-xs text-ink-faint">
            {formatNumber(original.speed)} samples/s
          </span>
        )}
      </>
    ),
  }),
  column.accessor("bytesUp", {
    header: "Sent",
    cell: ({ getValue }) => bytes(getValue()),
  }),
  column.accessor("bytesDown", {
    header: "Received",
    cell: ({ getValue }) => bytes(getValue()),
  }),
] as ColumnDef<ClientView>[]; // the helper's column types differ by value; the table takes any

function Status({ client }: { readonly client: ClientView }) {
  const { status, stage, fraction, name } = client;
  const working = status === "working";
  const doing = (stage && stageText[stage]) ?? "Working";
  const gone = !isHere(client);
  return (
    <div className={`w-28 ${gone ? "text-ink-faint" : ""}`}>
      <span>{working ? doing : statusText[status]}</span>
      {working ? (
        <ProgressBar label={`${name}: ${doing}`} fraction={fraction ?? 0} className="mt-1.5" />
      ) : (
        <div className="mt-1.5 h-1.5" /> // room for the bar: rows keep their height
      )}
    </div>
  );
}
