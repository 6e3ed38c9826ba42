import type { TaskView, TeachersView } from "@tandem/protocol/view";
import Link from "next/link";
import { broughtText } from "../../lib/tasks/brought-text";
import { teacherText } from "../../lib/tasks/task-texts";
import { text } from "../../text/tasks";

type Props = { readonly view: TaskView; readonly teachers: TeachersView };

export function TaskRow({ view, teachers }: Props) {
  return (
    <li className="relative grid gap-x-8 gap-y-2 px-5 py-5 transition-colors hover:bg-sunken/50 sm:px-6 md:grid-cols-[minmax(0,1fr)_minmax(0,22rem)]">
      <div className="min-w-0">
        <Link
          href={`/tasks/${view.id}`}
          className="font-medium break-words after:absolute after:inset-0"
        >
          {view.name}
        </Link>
        {view.description && (
          <p className="mt-0.5 line-clamp-2 max-w-prose text-sm text-ink-soft">
            {view.description}
          </p>
        )}
      </div>
      {view.data === "own" ? (
        <dl className="grid content-start gap-y-0.5 text-sm text-ink-soft">
          <Line name={text.row.classes} text={text.row.classCount(view.task.classes.length)} />
          <Line name={text.row.bring} text={broughtText(view.task.modalities)} />
          <Line
            name={text.row.teacher}
            text={text.row.teacherIs(teacherText(view.task.teacher, teachers.shipped))}
          />
          <Line name={text.row.sets} text={setsText(view)} />
        </dl>
      ) : (
        <p className="self-start text-sm md:text-right">
          <span className="rounded-full bg-sunken px-2.5 py-1 text-xs font-medium text-ink-soft">
            {text.row.dealt}
          </span>
        </p>
      )}
    </li>
  );
}

const Line = ({ name, text: said }: { readonly name: string; readonly text: string }) => (
  <div>
    <dt className="sr-only">{name}</dt>
    <dd className="first-letter:uppercase">{said}</dd>
  </div>
);

function setsText({ publicSet, test }: Extract<TaskView, { data: "own" }>): string {
  const sets = [
    ...(publicSet ? [text.row.publicSamples(publicSet.samples)] : []),
    ...(test ? [text.row.testSamples(test.samples)] : []),
  ];
  return sets.length > 0 ? text.row.samples(sets) : text.row.noSets;
}
