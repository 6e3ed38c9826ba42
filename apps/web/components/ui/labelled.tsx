import { type ReactNode, useId } from "react";

/** A field below its label, which knows it by the id. */
export function Labelled({
  label,
  className = "min-w-0",
  children,
}: {
  readonly label: string;
  readonly className?: string;
  readonly children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      {children(id)}
    </div>
  );
}
