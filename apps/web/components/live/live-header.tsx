import type { ExperimentView } from "@tandem/protocol/view";
import { StatusBadge } from "../ui/status-badge";
import { Controls } from "./controls";

type Props = {
  readonly view: ExperimentView;
  readonly strategyTitle: string;
  readonly connected: boolean;
  readonly refusal: string | undefined;
};

export function LiveHeader({ view, strategyTitle, connected, refusal }: Props) {
  const { config, status } = view;
  return (
    <header className="flex flex-wrap items-end justify-between gap-4">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-3">
          <StatusBadge status={status} />
          <Connection connected={connected} />
        </div>
        <h1 className="mt-3 text-3xl font-semibold break-words">{config.name}</h1>
        <p className="mt-1 text-ink-soft">
          {strategyTitle} on {config.dataset}, seed {config.seed}, {config.slots} places
        </p>
        {refusal && (
          <p role="alert" className="mt-2 text-sm text-bad">
            No live news: {refusal}
          </p>
        )}
      </div>
      <Controls view={view} />
    </header>
  );
}

function Connection({ connected }: { readonly connected: boolean }) {
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-xs text-ink-faint">
      <span
        aria-hidden="true"
        className={`size-1.5 rounded-full ${connected ? "bg-good" : "bg-line-strong"}`}
      />
      {connected ? "Live" : "Connecting…"}
    </span>
  );
}
