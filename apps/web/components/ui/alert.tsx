import type { ReactNode } from "react";

/** What has gone wrong, and the way out; read out as soon as it is there. */
export function Alert({
  className = "",
  children,
}: {
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <p
      role="alert"
      className={`rounded-lg bg-bad-soft px-4 py-3 text-sm break-words text-bad ${className}`}
    >
      {children}
    </p>
  );
}
