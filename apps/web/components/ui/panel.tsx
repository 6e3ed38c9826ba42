import { type CSSProperties, type ReactNode, useId } from "react";

type Props = {
  readonly title: string;
  readonly description?: ReactNode;
  /** Drawn at the right end of the title. */
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
};

export function Panel({ title, description, actions, className = "", children }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={`min-w-0 rounded-2xl border border-line bg-surface p-5 sm:p-6 ${className}`}
    >
      <header className="mb-5 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {description && <p className="mt-1 max-w-prose text-sm text-ink-soft">{description}</p>}
        </div>
        {actions && <div className="max-w-full">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** What there is to see once there is something, and what to do until then. */
export function Empty({
  title,
  className = "",
  style,
  children,
}: {
  readonly title: string;
  readonly className?: string;
  readonly style?: CSSProperties;
  readonly children: ReactNode;
}) {
  return (
    <div
      style={style}
      className={`flex flex-col justify-center rounded-xl border border-dashed border-line-strong px-5 py-8 text-center ${className}`}
    >
      <p className="text-sm font-medium">{title}</p>
      <p className="mx-auto mt-1 max-w-prose text-sm text-ink-soft">{children}</p>
    </div>
  );
}
