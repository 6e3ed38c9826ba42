import type { ConsentChange } from "../../lib/join/consent";
import { changed } from "../../text/join-again";

/** What somebody agreed to before, beside what they are asked now; joining or continuing agrees to it. */
export function ConsentChanged({ changes }: { readonly changes: readonly ConsentChange[] }) {
  return (
    <section
      aria-labelledby="consent-changed"
      className="mt-4 mb-5 rounded-2xl border border-line-strong bg-surface p-5 text-sm sm:p-6"
    >
      <h2 id="consent-changed" className="text-base font-semibold">
        {changed.title}
      </h2>
      <p className="mt-1 text-ink-soft">{changed.text}</p>
      <dl className="mt-4 space-y-4">
        {changes.map(({ what, before = changed.nothing, now = changed.nothing }) => (
          <div key={what}>
            <dt className="font-medium">{what}</dt>
            <dd className="mt-1">
              <span className="font-medium">{changed.now}</span> {now}
            </dd>
            <dd className="mt-1 text-ink-soft">
              <span className="font-medium">{changed.before}</span> {before}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
