import type { TaskView, TeachersView } from "@tandem/protocol/view";
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
        <Panel title="How it is used">
          <p className="max-w-prose text-sm text-ink-soft">
            Tandem ships it. Every place of an experiment is dealt a part of it, which the tab
            downloads when it joins; how even the parts are is a setting of the experiment. Nobody
            brings anything, so it suits trying things out and comparing strategies.
          </p>
        </Panel>
        <ExperimentsOn experiments={experiments} />
      </div>
      {teacher && (
        <Panel
          title="Its teacher"
          description={`${teacher.title}: what strategies with a teacher begin with.`}
        >
          <Sheet
            src={`/api/teachers/${teacher.name}/samples.png`}
            label={`What ${teacher.title} paints`}
            className="w-full max-w-80"
          />
        </Panel>
      )}
    </div>
  );
}
