import { Plus } from "lucide-react";
import Link from "next/link";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { Logo } from "../ui/logo";

const steps = [
  {
    side: "server",
    title: "The teacher paints",
    text: "A text-to-image model on this server paints pictures from captions.",
  },
  {
    side: "clients",
    title: "Tabs answer",
    text: "Every tab trains on its own data and says what it knows about these pictures.",
  },
  {
    side: "both",
    title: "Both get better",
    text: "The answers are fused: tabs learn from each other, the teacher from all of them.",
  },
] as const;

const marks = { server: "bg-teacher", clients: "bg-clients", both: "bg-ink" } as const;

export function FirstSteps() {
  return (
    <div className="rounded-2xl border border-line bg-surface p-6 sm:p-10">
      <Logo className="size-16" />
      <h2 className="mt-6 max-w-xl text-2xl font-semibold">No experiment yet</h2>
      <p className="mt-2 max-w-prose text-ink-soft">
        Create one, start it, and open its join page in a few tabs, on this machine or others.
      </p>
      <ol className="mt-8 grid gap-6 sm:grid-cols-3">
        {steps.map(({ side, title, text }) => (
          <li key={title} className="border-t border-line pt-4">
            <span aria-hidden="true" className={`block size-2.5 rounded-full ${marks[side]}`} />
            <h3 className="mt-3 text-sm font-semibold">{title}</h3>
            <p className="mt-1 text-sm text-ink-soft">{text}</p>
          </li>
        ))}
      </ol>
      <For who="researcher">
        <div className="mt-10 flex flex-wrap gap-3">
          <Button tone="primary" asChild>
            <Link href="/experiments/new">
              <Plus aria-hidden="true" /> New experiment
            </Link>
          </Button>
          <Button asChild>
            <Link href="/tasks/new">Study of your own</Link>
          </Button>
        </div>
        <p className="mt-3 max-w-prose text-sm text-ink-soft">
          An experiment is on a data set that Tandem ships, or on a study of your own: you say which
          classes there are, and participants bring samples that stay with them.
        </p>
      </For>
    </div>
  );
}
