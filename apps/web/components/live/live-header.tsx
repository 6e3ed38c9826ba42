import type { ExperimentView, TaskView } from "@tandem/protocol/view";
import Link from "next/link";
import type { Feed } from "../../lib/live/experiment-feed";
import { StatusBadge } from "../ui/status-badge";
import { Controls } from "./controls";

type Props = {
  readonly view: ExperimentView;
  readonly strategyTitle: string;
  readonly task: TaskView | undefined;
  readonly connection: Feed["connection"];
  readonly refusal: string | undefined;
};

export function LiveHeader({ view, strategyTitle, task, connection, refusal }: Props) {
  const { config, status } = view;
  return (
    <header className="flex flex-wrap items-end justify-between gap-4">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-3">
          <StatusBadge status={status} />
          <Connection connection={connection} />
        </div>
        <h1 className="mt-3 text-3xl font-semibold break-words">{config.name}</h1>
        <p className="mt-1 text-ink-soft">
          {strategyTitle} on{" "}
          {task ? (
            <Link
              href={`/tasks/${task.id}`}
              className="break-words underline decoration-line-strong underline-offset-4 hover:text-ink"
            >
              {task.name}
            </Link>
          ) : (
            config.dataset
          )}
        </p>
        {refusal && (
          <p role="alert" className="mt-2 text-sm text-bad">
            This page no longer follows the experiment: {refusal} Reload it to try again.
          </p>
        )}
      </div>
      <Controls view={view} />
    </header>
  );
}

const connections = {
  connecting: { text: "Connecting…", dot: "bg-line-strong", tone: "text-ink-faint" },
  unreachable: {
    text: "The server cannot be reached. Check that it is running and that nothing blocks WebSockets; this page keeps trying.",
    dot: "bg-bad",
    tone: "text-bad",
  },
  live: { text: "Live", dot: "bg-good", tone: "text-ink-faint" },
  lost: {
    text: "Connection lost, trying again. The page shows the last news.",
    dot: "bg-bad",
    tone: "text-bad",
  },
} as const;

function Connection({ connection }: Pick<Props, "connection">) {
  const { text, dot, tone } = connections[connection];
  return (
    <span role="status" className={`inline-flex items-center gap-1.5 text-xs ${tone}`}>
      <span aria-hidden="true" className={`size-1.5 shrink-0 rounded-full ${dot}`} />
      {text}
    </span>
  );
}
