import type { TaskClass } from "@tandem/core/task";

type Props = {
  readonly label: string;
  readonly classes: readonly TaskClass[];
  readonly value: number | undefined;
  /** What is shown where none is chosen. */
  readonly none: string;
  readonly onChange: (label: number | undefined) => void;
  readonly disabled?: boolean;
};

export const selectLook =
  "min-h-10 min-w-0 max-w-full rounded-lg border border-line-strong bg-surface px-3 text-sm disabled:opacity-50";

/** One of a task's classes, or none yet. */
export function ClassSelect({ label, classes, value, none, onChange, disabled }: Props) {
  return (
    <select
      aria-label={label}
      value={value ?? ""}
      disabled={disabled}
      onChange={({ target }) => onChange(target.value === "" ? undefined : Number(target.value))}
      className={selectLook}
    >
      <option value="">{none}</option>
      {classes.map(({ name }, i) => (
        <option key={name} value={i}>
          {name}
        </option>
      ))}
    </select>
  );
}
