import type { AuditEntry } from "@tandem/core/audit";
import { text } from "../../text/audit";

const tones = { done: "text-ink-soft", refused: "text-bad", failed: "text-bad" } as const;

/** One entry: when, who, what, and what came of it. */
export function AuditRow({ entry }: { readonly entry: AuditEntry }) {
  const { at, by, name = text.actors[by], role, token, action, thing, detail, count } = entry;
  const { outcome, reason } = entry;
  const time = new Date(at).toISOString();
  return (
    <div className="grid w-full gap-x-6 gap-y-1 text-sm sm:grid-cols-[9.5rem_minmax(0,13rem)_minmax(0,1fr)]">
      <time dateTime={time} className="figures text-ink-soft">
        {time.slice(0, 19).replace("T", " ")}
      </time>
      <p className="min-w-0 break-words">
        <span className="font-medium">{name}</span>
        {role && <span className="text-ink-soft">, {role}</span>}
        {token !== undefined && <span className="text-ink-soft">{text.byToken(token)}</span>}
      </p>
      <div className="min-w-0">
        <p className="flex flex-wrap gap-x-3">
          <code className="text-xs leading-5">{action}</code>
          <span className={tones[outcome]}>
            {text.outcomes[outcome]}
            {count > 1 && ` ${text.moreTimes(count)}`}
          </span>
          {detail && <span className="break-words text-ink-soft">{detail}</span>}
        </p>
        {thing && <p className="text-xs break-all text-ink-soft">{thing}</p>}
        {reason && <p className="text-xs break-words text-ink-soft">{reason}</p>}
      </div>
    </div>
  );
}
