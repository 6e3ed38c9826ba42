import Link from "next/link";
import { text } from "../../text/runs";

/** Each leads to all experiments that have it. */
export const Tags = ({ tags }: { readonly tags: readonly string[] }) =>
  tags.map((tag) => (
    <Link
      key={tag}
      href={`/?tag=${encodeURIComponent(tag)}`}
      prefetch={false}
      aria-label={text.tags.filter(tag)}
      className="relative z-10 inline-flex min-h-6 max-w-full items-center rounded-full bg-clients-soft px-2.5 text-xs break-all text-clients hover:underline"
    >
      {tag}
    </Link>
  ));
