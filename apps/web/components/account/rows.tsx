import type { ReactNode } from "react";
import type { Resource } from "../../lib/use-resource";
import { text as accountText } from "../../text/account";
import { CopyButton } from "../ui/copy-button";

/** A list that comes from the server, or why it does not. */
export function Rows<T extends { readonly id: string }>({
  label,
  of,
  none,
  children,
}: {
  readonly label: string;
  readonly of: Resource<readonly T[]>;
  /** Where there is nothing. */
  readonly none: string;
  readonly children: (one: T) => ReactNode;
}) {
  if (of.type === "failed")
    return (
      <p role="alert" className="text-sm text-bad">
        {of.message}
      </p>
    );
  if (of.type === "loading") return <p className="text-sm text-ink-soft">{accountText.loading}</p>;
  if (of.value.length === 0) return <p className="text-sm text-ink-soft">{none}</p>;
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {of.value.map((one) => (
        <li
          key={one.id}
          className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3 first:pt-0 last:pb-0"
        >
          {children(one)}
        </li>
      ))}
    </ul>
  );
}

/** A name and a line below it. */
export const Named = ({ name, text }: { readonly name: string; readonly text: string }) => (
  <div className="min-w-0">
    <p className="text-sm font-medium break-words">{name}</p>
    <p className="text-xs break-words text-ink-soft">{text}</p>
  </div>
);

/** A secret that is shown this once. */
export const Once = ({
  text,
  children,
}: {
  readonly text: string;
  readonly children: ReactNode;
}) => (
  <div role="status" className="mb-5 rounded-lg bg-sunken p-4">
    <p className="text-sm">{text}</p>
    <div className="mt-3 flex flex-wrap items-center justify-between gap-3">{children}</div>
  </div>
);

/** A secret that has just been made. */
export const OnceText = ({ value, label }: { readonly value: string; readonly label: string }) => (
  <Once text={accountText.copyNow}>
    <code className="min-w-0 text-xs break-all select-all">{value}</code>
    <CopyButton text={value} label={label} />
  </Once>
);
