"use client";

import { useId } from "react";

type Option<T extends string> = {
  readonly value: T;
  readonly text: string;
  readonly note?: string;
  readonly disabled?: boolean;
};
type Props<T extends string> = {
  readonly label: string;
  readonly value: T;
  readonly options: readonly Option<T>[];
  readonly onChange: (value: T) => void;
};

/** One of a few, all of them visible. */
export function Segmented<T extends string>({ label, value, options, onChange }: Props<T>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex max-w-full flex-wrap gap-1 rounded-lg bg-sunken p-1"
    >
      {options.map((option) => (
        <label
          key={option.value}
          className="rounded-md px-3 py-1.5 text-sm text-ink-soft not-has-disabled:hover:text-ink has-checked:bg-surface has-checked:text-ink has-checked:ring-1 has-checked:ring-line-strong has-focus-visible:outline-2 has-focus-visible:outline-clients has-disabled:cursor-not-allowed has-disabled:text-ink-faint has-disabled:line-through"
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            checked={value === option.value}
            disabled={option.disabled}
            onChange={() => onChange(option.value)}
          />
          {option.text}{" "}
          {option.note && (
            <span className="figures ml-0.5 text-xs text-ink-faint">{option.note}</span>
          )}
        </label>
      ))}
    </div>
  );
}
