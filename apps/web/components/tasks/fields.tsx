"use client";

import { Lock } from "lucide-react";
import { type ComponentProps, createContext, type ReactNode, useContext } from "react";
import type { Mistakes } from "../../lib/tasks/mistakes";
import { text } from "../../text/task-form";
import { inputLook } from "../form/field-input";

const Shown = createContext<Mistakes>({});
/** The mistakes that fields below show beside themselves. */
export const ShownMistakes = Shown.Provider;

type Field = {
  /** Of the definition, as mistakes name it. */
  readonly path: string;
  readonly label: string;
  readonly hint?: ReactNode;
};

/** Attributes of a control, and its hint and mistake to draw below it. */
export function useField({ path, hint }: Omit<Field, "label">) {
  const mistake = useContext(Shown)[path];
  const ids = { hint: `h-${path}`, mistake: `e-${path}` };
  const described = [mistake && ids.mistake, hint && ids.hint].filter(Boolean).join(" ");
  const attributes = {
    id: `f-${path}`,
    "aria-invalid": mistake !== undefined,
    ...(described && { "aria-describedby": described }),
  };
  const below = (
    <>
      {mistake && (
        <p id={ids.mistake} className="mt-1 text-xs font-medium text-bad">
          {mistake}
        </p>
      )}
      {hint && (
        <p id={ids.hint} className="mt-1 text-xs text-ink-soft">
          {hint}
        </p>
      )}
    </>
  );
  return { attributes, below };
}

type TextProps = Field & {
  readonly value: string;
  readonly onText: (written: string) => void;
} & Omit<ComponentProps<"input">, "value" | "onChange">;

export function TextField({ path, label, hint, value, onText, className, ...input }: TextProps) {
  const { attributes, below } = useField({ path, hint });
  return (
    <div className={`min-w-0 ${className ?? ""}`}>
      <label htmlFor={attributes.id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <input
        {...attributes}
        autoComplete="off"
        {...input}
        value={value}
        onChange={({ target }) => onText(target.value)}
        className={`${inputLook} h-10 read-only:bg-sunken`}
      />
      {below}
    </div>
  );
}

export function AreaField({
  path,
  label,
  hint,
  value,
  onText,
  rows = 5,
}: Field & {
  readonly value: string;
  readonly onText: (written: string) => void;
  readonly rows?: number;
}) {
  const { attributes, below } = useField({ path, hint });
  return (
    <div className="min-w-0">
      <label htmlFor={attributes.id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <textarea
        {...attributes}
        rows={rows}
        value={value}
        onChange={({ target }) => onText(target.value)}
        className={`${inputLook} py-2`}
      />
      {below}
    </div>
  );
}

/** Why something cannot be changed now, where it stands. */
export const Locked = ({ why }: { readonly why: string }) => (
  <p className="mb-4 flex max-w-prose gap-2 rounded-lg bg-sunken p-3 text-sm text-ink-soft">
    <Lock aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
    <span>{text.locked(why)}</span>
  </p>
);

/** A few controls that belong together, with one mistake. */
export function Group({ path, label, hint, children }: Field & { readonly children: ReactNode }) {
  const { attributes, below } = useField({ path, hint });
  return (
    <fieldset aria-describedby={attributes["aria-describedby"]}>
      <legend className="mb-2 text-sm font-medium">{label}</legend>
      {/* The first of these is where a mistake leads to. */}
      <div id={attributes.id} tabIndex={-1} className="outline-none">
        {children}
      </div>
      {below}
    </fieldset>
  );
}
