"use client";

import { parseTask } from "@tandem/protocol/task";
import type { ReactNode } from "react";
import { definitionOf } from "../../lib/tasks/draft";
import type { Mistakes } from "../../lib/tasks/mistakes";
import { stepOf, steps } from "../../lib/tasks/mistakes";
import { contentOf, type SetField } from "../../lib/tasks/use-set";
import { text } from "../../text/task-form";
import { text as taskText } from "../../text/tasks";
import { Button } from "../ui/button";
import type { StepProps } from "./step";
import { ClassList, Fact, Organiser, TaskFacts } from "./task-facts";

type Props = StepProps & { readonly mistakes: Mistakes; readonly go: (step: number) => void };

export function StepReview({ draft, sets, teachers, mistakes, go }: Props) {
  const wrong = steps.flatMap((step, i) => {
    const said = Object.entries(mistakes).flatMap(([path, sentence]) =>
      stepOf(path) === i ? [sentence] : [],
    );
    return said.length > 0 ? [{ ...step, i, said }] : [];
  });
  if (wrong.length > 0)
    return (
      <ul className="space-y-3">
        {wrong.map(({ title, i, said }) => (
          <li key={title} className="flex items-center justify-between gap-4 text-sm">
            <span>
              <span className="font-medium">{title}:</span>{" "}
              <span className="text-bad">{said.join(" ")}</span>
            </span>
            <Button onClick={() => go(i)}>{text.review.mend}</Button>
          </li>
        ))}
      </ul>
    );
  const task = parseTask(definitionOf(draft));
  return (
    <div className="space-y-6">
      <Part title={task.name} step={0} go={go}>
        {task.description && (
          <p className="text-sm whitespace-pre-line text-ink-soft">{task.description}</p>
        )}
        <div className="mt-2 text-sm">
          <Organiser organiser={task.organiser} />
        </div>
      </Part>
      <Part title={taskText.row.classCount(task.classes.length)} step={1} go={go}>
        <ClassList classes={task.classes} />
      </Part>
      <Part title={text.review.settings} step={2} go={go}>
        <TaskFacts task={task} teachers={teachers}>
          <Fact name={text.review.publicSet}>
            {setText(sets.public)}
            {contentOf(sets.public)?.samples !== 0 && `, ${task.publicLicence}`}
          </Fact>
          <Fact name={text.review.testSet}>{setText(sets.test)}</Fact>
        </TaskFacts>
      </Part>
    </div>
  );
}

function setText(field: SetField): string {
  const content = contentOf(field);
  if (!content) return text.review.unread;
  const { samples, isThere } = content;
  if (samples === 0) return field.there ? text.review.goes : text.review.none;
  return text.review.samples(samples, isThere);
}

function Part({
  title,
  step,
  go,
  children,
}: {
  readonly title: string;
  readonly step: number;
  readonly go: (step: number) => void;
  readonly children: ReactNode;
}) {
  return (
    <section>
      <div className="mb-2 flex items-center justify-between gap-4">
        <h3 className="min-w-0 text-base font-semibold break-words">{title}</h3>
        <Button tone="bare" aria-label={text.review.changeOf(title)} onClick={() => go(step)}>
          {text.review.change}
        </Button>
      </div>
      {children}
    </section>
  );
}
