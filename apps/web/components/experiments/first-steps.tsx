import { Plus } from "lucide-react";
import Link from "next/link";
import { text } from "../../text/experiments";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { Logo } from "../ui/logo";

const marks = { server: "bg-teacher", clients: "bg-clients", both: "bg-ink" } as const;

export function FirstSteps() {
  return (
    <div className="rounded-2xl border border-line bg-surface p-6 sm:p-10">
      <Logo className="size-16" />
      <h2 className="mt-6 max-w-xl text-2xl font-semibold">{text.first.title}</h2>
      <p className="mt-2 max-w-prose text-ink-soft">{text.first.lead}</p>
      <ol className="mt-8 grid gap-6 sm:grid-cols-3">
        {text.first.steps.map(({ side, title, text: said }) => (
          <li key={title} className="border-t border-line pt-4">
            <span aria-hidden="true" className={`block size-2.5 rounded-full ${marks[side]}`} />
            <h3 className="mt-3 text-sm font-semibold">{title}</h3>
            <p className="mt-1 text-sm text-ink-soft">{said}</p>
          </li>
        ))}
      </ol>
      <For who="researcher">
        <div className="mt-10 flex flex-wrap gap-3">
          <Button tone="primary" asChild>
            <Link href="/experiments/new">
              <Plus aria-hidden="true" /> {text.create}
            </Link>
          </Button>
          <Button asChild>
            <Link href="/tasks/new">{text.first.study}</Link>
          </Button>
        </div>
        <p className="mt-3 max-w-prose text-sm text-ink-soft">{text.first.kinds}</p>
      </For>
    </div>
  );
}
