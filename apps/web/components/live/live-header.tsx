import type { ExperimentView } from "@tandem/protocol/view";
import type { ReactNode } from "react";
import type { Feed } from "../../lib/live/experiment-feed";
import { text } from "../../text/experiment";
import { StatusBadge } from "../ui/status-badge";

type Props = {
  readonly view: ExperimentView;
  readonly connection: Feed["connection"];
  readonly refusal: string | undefined;
  /** What can be done with it, to the right of its name. */
  readonly actions: ReactNode;
  /** What people have written of it, such as tags, below its name. */
  readonly children?: ReactNode;
};

export function LiveHeader({ view, connection, refusal, actions, children }: Props) {
  const { config, status } = view;
  return (
    <header className="flex flex-wrap items-end justify-between gap-4">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-3">
          <StatusBadge status={status} />
          {/* Of what is over nothing is live, and nothing is missed. */}
          {status !== "finished" && <Connection connection={connection} />}
        </div>
        <h1 className="mt-3 text-3xl font-semibold break-words">{config.name}</h1>
        {children}
        {refusal && (
          <p role="alert" className="mt-2 text-sm text-bad">
            {text.refused(refusal)}
          </p>
        )}
      </div>
      {actions}
    </header>
  );
}

const looks: Readonly<Record<Feed["connection"], { readonly dot: string; readonly tone: string }>> =
  {
    connecting: { dot: "bg-line-strong", tone: "text-ink-faint" },
    unreachable: { dot: "bg-bad", tone: "text-bad" },
    live: { dot: "bg-good", tone: "text-ink-faint" },
    lost: { dot: "bg-bad", tone: "text-bad" },
  };

function Connection({ connection }: Pick<Props, "connection">) {
  const { dot, tone } = looks[connection];
  return (
    <span role="status" className={`inline-flex items-center gap-1.5 text-xs ${tone}`}>
      <span aria-hidden="true" className={`size-1.5 shrink-0 rounded-full ${dot}`} />
      {text.connection[connection]}
    </span>
  );
}
