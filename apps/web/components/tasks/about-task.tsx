import type { Task } from "@tandem/core/task";
import { broughtText } from "../../lib/tasks/brought-text";
import { text } from "../../text/about-task";
import { Panel } from "../ui/panel";
import { Contact, Organiser } from "./task-facts";

/** For who takes part: what the study is about, what to bring, and whose it is. */
export function AboutTask({ task }: { readonly task: Task }) {
  const { name, description, modalities, organiser } = task;
  const hasOrganiser = `${organiser.name}${organiser.contact}` !== "";
  return (
    <Panel title={text.title(name)}>
      {description && <p className="mb-4 max-w-prose text-sm whitespace-pre-line">{description}</p>}
      <dl className="grid gap-x-8 gap-y-3 text-sm">
        <div>
          <dt className="text-ink-soft">{text.bring}</dt>
          <dd className="first-letter:uppercase">
            {text.of(
              broughtText(modalities),
              task.classes.map((one) => one.name),
            )}
          </dd>
        </div>
        {hasOrganiser && (
          <div>
            <dt className="text-ink-soft">{text.organiser}</dt>
            <dd className="break-words">
              <Organiser organiser={organiser} />
            </dd>
          </div>
        )}
      </dl>
    </Panel>
  );
}

/** The same in as few lines as can be, above what is asked of them. */
export function TaskInShort({ task }: { readonly task: Task }) {
  const { description, organiser } = task;
  const { name, contact } = organiser;
  return (
    <div className="mt-2 max-w-prose space-y-1 break-words text-ink-soft">
      {description && <p className="whitespace-pre-line">{description}</p>}
      {`${name}${contact}` !== "" && (
        <p className="text-sm">
          {name !== "" && text.runBy(name)}
          {name !== "" && contact !== "" && ", "}
          {contact !== "" && <Contact contact={contact} />}
        </p>
      )}
    </div>
  );
}
