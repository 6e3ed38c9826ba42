import type { ClientView } from "@tandem/protocol/view";
import { type ColumnDef, createColumnHelper } from "@tanstack/react-table";
import { formatBytes } from "../../lib/format";
import { ProgressBar } from "../ui/progress-bar";
import { accuracyText } from "./now-panel";

const column = createColumnHelper<ClientView>();

export const modalityText: Readonly<Record<ClientView["modality"], string>> = {
  image: "Image",
  text: "Text",
  "image-text": "Image and text",
};
const modalityColour: Readonly<Record<ClientView["modality"], string>> = {
  image: "bg-clients",
  text: "bg-series-text",
  "image-text": "bg-series-both",
};
const statusText: Readonly<Record<ClientView["status"], string>> = {
  joined: "Joined, loading",
  ready: "Ready",
  working: "Working",
  done: "Answered",
  away: "Away",
  left: "Left",
};

const bytes = (value: number) => <span className="figures">{formatBytes(value)}</span>;

export const cohortColumns = [
  column.accessor("name", {
    header: "Client",
    cell: ({ row, getValue }) => (
      <span className="whitespace-nowrap">
        <span className="font-medium">{getValue()}</span>{" "}
        <span className="figures text-xs text-ink-faint">place {row.original.slot}</span>
      </span>
    ),
  }),
  column.accessor("modality", {
    header: "Modality",
    cell: ({ getValue }) => (
      <span className="inline-flex items-center gap-2 whitespace-nowrap">
        <span aria-hidden="true" className={`size-2 rounded-full ${modalityColour[getValue()]}`} />
        {modalityText[getValue()]}
      </span>
    ),
  }),
  column.accessor("architecture", { header: "Model" }),
  column.accessor("source", {
    header: "Data",
    cell: ({ row, getValue }) => (
      <span className="whitespace-nowrap">
        {getValue()}{" "}
        <span className="figures text-xs text-ink-faint">{row.original.samples} samples</span>
      </span>
    ),
  }),
  column.accessor("device", { header: "Device" }),
  column.accessor("status", {
    header: "Status",
    cell: ({ row: { original } }) => <Status client={original} />,
  }),
  column.accessor("accuracy", {
    header: "Accuracy",
    sortUndefined: "last",
    cell: ({ getValue }) => <span className="figures">{accuracyText(getValue())}</span>,
  }),
  column.accessor("bytesUp", { header: "Up", cell: ({ getValue }) => bytes(getValue()) }),
  column.accessor("bytesDown", { header: "Down", cell: ({ getValue }) => bytes(getValue()) }),
] as ColumnDef<ClientView>[]; // the helper's column types differ by value; the table takes any

function Status({ client }: { readonly client: ClientView }) {
  const { status, stage, fraction, name } = client;
  const text = status === "working" && stage ? `Working: ${stage}` : statusText[status];
  const tone = status === "away" || status === "left" ? "text-ink-faint" : "";
  return (
    <div className={`min-w-32 ${tone}`}>
      <span className="whitespace-nowrap">{text}</span>
      {status === "working" && fraction !== undefined && (
        <ProgressBar label={`${name}: ${stage ?? "work"}`} fraction={fraction} className="mt-1.5" />
      )}
    </div>
  );
}
