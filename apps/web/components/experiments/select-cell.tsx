import type { RunRow } from "@tandem/protocol/experiment-list";
import type { Selecting } from "./selecting";

/** A box for all of these; a part of them shows as neither. */
export function SelectCell({
  label,
  runs,
  selected,
  onSelect,
  as: Cell = "td",
}: Selecting & {
  readonly label: string;
  readonly runs: readonly RunRow[];
  readonly as?: "td" | "th";
}) {
  const count = runs.filter(({ id }) => selected.has(id)).length;
  const isAll = count > 0 && count === runs.length;
  return (
    <Cell className="w-12 align-top">
      <label className="relative z-10 flex h-12 w-12 items-center justify-center">
        <span className="sr-only">{label}</span>
        <input
          type="checkbox"
          className="size-4 accent-clients"
          checked={isAll}
          ref={(box) => {
            if (box) box.indeterminate = count > 0 && !isAll;
          }}
          onChange={({ target }) => onSelect(runs, target.checked)}
        />
      </label>
    </Cell>
  );
}
