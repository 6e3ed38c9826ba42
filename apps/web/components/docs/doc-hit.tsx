import type { DocHit } from "../../lib/docs/docs";
import { text as words } from "../../text/docs";

/** Where something was found, and the words around it. */
export function DocHitText({ hit: { page, heading, excerpt, lacks } }: { readonly hit: DocHit }) {
  return (
    <>
      <span className="block text-sm font-medium">
        {page}
        {heading && <span className="text-ink-soft"> › {heading}</span>}
      </span>
      <span className="mt-1 block text-sm wrap-anywhere text-ink-soft">
        {excerpt.map(({ text, isHit }, i) =>
          isHit ? (
            <mark key={i} className="rounded-sm bg-teacher-soft text-ink">
              {text}
            </mark>
          ) : (
            text
          ),
        )}
      </span>
      {lacks && (
        <span className="mt-1 block text-xs text-ink-soft">{words.search.lacks(lacks)}</span>
      )}
    </>
  );
}
