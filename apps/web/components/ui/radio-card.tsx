import { type ComponentProps, type ReactNode, useId } from "react";

type Props = ComponentProps<"input"> & {
  readonly title: string;
  /** Why it cannot be chosen; it is shown, and the card disabled. */
  readonly reason?: string | undefined;
  /** Drawn beside the text. */
  readonly picture?: ReactNode;
  readonly children?: ReactNode;
};

/** One of several choices that need a sentence each. */
export function RadioCard({ title, reason, picture, children, ...input }: Props) {
  const id = useId();
  return (
    <label
      className={`relative flex gap-4 rounded-xl border border-line p-4 transition-colors has-checked:border-clients has-checked:bg-clients-soft/60 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-clients ${reason === undefined ? "hover:border-line-strong" : "cursor-not-allowed border-dashed bg-canvas"}`}
    >
      {picture}
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="flex items-center gap-2.5">
          <input
            type="radio"
            {...input}
            disabled={reason !== undefined}
            {...(reason !== undefined && { "aria-describedby": id })}
            className="size-4 shrink-0 accent-clients"
          />
          <span className={`text-sm font-semibold ${reason === undefined ? "" : "text-ink-faint"}`}>
            {title}
          </span>
        </span>
        {children}
        {reason !== undefined && (
          <span id={id} className="mt-2 text-xs font-medium text-teacher-ink">
            {reason}
          </span>
        )}
      </span>
    </label>
  );
}
