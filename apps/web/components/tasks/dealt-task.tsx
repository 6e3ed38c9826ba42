import type { TaskView, TeachersView } from "@tandem/protocol/view";
import { text } from "../../text/tasks";
import { Panel } from "../ui/panel";
import { ExperimentsOn } from "./experiments-on";
import { Sheet } from "./sheet";

type Props = {
  readonly view: Extract<TaskView, { readonly data: "dealt" }>;
  readonly teachers: TeachersView;
};

/** A data set that is shipped: how it is used, and who paints. */
export function DealtTask({ view: { base, experiments = [] }, teachers }: Props) {
  const teacher = teachers.shipped.find(({ name }) => name === base);
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="min-w-0 space-y-6">
        <Panel title={text.dealt.use}>
          <p className="max-w-prose text-sm text-ink-soft">{text.dealt.useText}</p>
        </Panel>
        <ExperimentsOn experiments={experiments} />
      </div>
      {teacher && (
        <Panel title={text.dealt.teacher} description={text.dealt.teacherText(teacher.title)}>
          <Sheet
            src={`/api/teachers/${teacher.name}/samples.png`}
            label={text.dealt.paints(teacher.title)}
            className="w-full max-w-80"
          />
        </Panel>
      )}
    </div>
  );
}
