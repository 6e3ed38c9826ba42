import { basePath } from "../../lib/base-path";
import { text } from "../../text/docs";

/** A question mark that leads to what the manual says of something, in a tab of its own: forms lose nothing. */
export function DocsLink({
  to,
  about,
  className = "",
}: {
  /** A page and what is on it, such as `settingDocs.quorum`. */
  readonly to: string;
  /** What it is about, as the page calls it. */
  readonly about: string;
  readonly className?: string;
}) {
  return (
    <a
      href={`${basePath}/docs/${to}`}
      target="_blank"
      rel="noreferrer"
      aria-label={text.about(about)}
      title={text.about(about)}
      className={`inline-flex size-5 items-center justify-center rounded-full border border-line-strong text-xs text-ink-soft no-underline hover:bg-sunken hover:text-ink ${className}`}
    >
      ?
    </a>
  );
}
