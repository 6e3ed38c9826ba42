import type { Task } from "@tandem/core/task";
import type { TeachersView } from "@tandem/protocol/view";
import type { ReactNode } from "react";
import { broughtText } from "../../lib/tasks/brought-text";
import { backboneText, formatText, teacherText } from "../../lib/tasks/task-texts";
import { text } from "../../text/tasks";

type RowProps = { readonly name: string; readonly children: ReactNode };

export const Fact = ({ name, children }: RowProps) => (
  <div className="grid gap-x-4 gap-y-0.5 border-b border-line py-2.5 last:border-0 sm:grid-cols-[11rem_minmax(0,1fr)]">
    <dt className="text-ink-soft">{name}</dt>
    <dd className="min-w-0 break-words first-letter:uppercase">{children}</dd>
  </div>
);

/** Classes with the words that people use for them. */
export const ClassList = ({ classes }: Pick<Task, "classes">) => (
  <ul className="flex flex-wrap gap-2">
    {classes.map(({ name, words }) => {
      const others = words.filter((word) => word !== name);
      return (
        <li key={name} className="max-w-full rounded-lg bg-sunken px-2.5 py-1 text-sm break-words">
          <span className="font-medium">{name}</span>
          {others.length > 0 && <span className="text-ink-soft"> {others.join(", ")}</span>}
        </li>
      );
    })}
  </ul>
);

/** What participants bring, and who paints. */
export function TaskFacts({
  task,
  teachers,
  children,
}: {
  readonly task: Task;
  readonly teachers: TeachersView;
  readonly children?: ReactNode;
}) {
  const { modalities, pictures, backbone, encoder, least, teacher, prompts } = task;
  const model = backbone ?? encoder;
  return (
    <dl className="text-sm">
      <Fact name={text.row.bring}>{broughtText(modalities)}</Fact>
      {modalities.some((one) => one !== "text") && (
        <Fact name={text.facts.pictures}>{formatText(pictures)}</Fact>
      )}
      {model && (
        <Fact name={backbone ? text.facts.learnFrom : text.facts.allTrain}>
          {backboneText(model)}
          <span className="block text-xs break-all text-ink-faint">{model.url}</span>
        </Fact>
      )}
      <Fact name={text.facts.atLeast}>{text.facts.least(least.participant, least.class)}</Fact>
      <Fact name={text.row.teacher}>
        {teacherText(teacher, teachers.shipped)}
        {teacher.kind !== "none" && `, ${text.facts.asked[prompts.kind]}`}
      </Fact>
      {children}
    </dl>
  );
}

/** Who runs the study, and how to reach them; nothing where neither is said. */
export function Organiser({ organiser: { name, contact } }: Pick<Task, "organiser">) {
  if (name === "" && contact === "") return null;
  return (
    <>
      {name !== "" && <span className="block">{name}</span>}
      {contact !== "" && <Contact contact={contact} />}
    </>
  );
}

/** An address to write to or to open; anything else is text. */
export function Contact({ contact }: { readonly contact: string }) {
  const href = /^[^\s@/:]+@[^\s@/:]+$/.test(contact)
    ? `mailto:${contact}`
    : /^https?:\/\/\S+$/.test(contact)
      ? contact
      : undefined;
  if (href === undefined) return contact;
  return (
    <a href={href} rel="noopener" className="break-words underline underline-offset-2">
      {contact}
    </a>
  );
}
