import type { TaskView } from "@tandem/protocol/view";
import Link from "next/link";
import type { ReactNode } from "react";
import { text } from "../../text/tasks";
import { Panel } from "../ui/panel";

type Props = {
  readonly experiments: NonNullable<TaskView["experiments"]>;
  /** What follows from there being some. */
  readonly children?: ReactNode;
};

export function ExperimentsOn({ experiments, children }: Props) {
  if (experiments.length === 0)
    return (
      <Panel title={text.experiments.title}>
        <p className="text-sm text-ink-soft">{text.experiments.none}</p>
      </Panel>
    );
  return (
    <Panel title={text.experiments.title}>
      <ul className="divide-y divide-line">
        {experiments.map(({ id, name }) => (
          <li key={id}>
            <Link
              href={`/experiments/${id}`}
              className="block py-2 text-sm font-medium break-words underline-offset-2 hover:underline"
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
      {children && <p className="mt-3 text-sm text-ink-soft">{children}</p>}
    </Panel>
  );
}
