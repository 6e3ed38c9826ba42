import { formatBytes } from "@tandem/core/format";
import { mostPreviewed } from "@tandem/protocol/preview";
import type { TaskView, TeachersView } from "@tandem/protocol/view";
import { firstPrompts } from "../../lib/tasks/prompts";
import { text } from "../../text/tasks";
import { Panel } from "../ui/panel";
import { ClassCounts } from "./class-counts";
import { ExperimentsOn } from "./experiments-on";
import { Sheet } from "./sheet";
import { TaskBase } from "./task-base";
import { ClassList, Fact, Organiser, TaskFacts } from "./task-facts";
import { PromptsOfSheet, TeacherPreview } from "./teacher-preview";

type Own = Extract<TaskView, { readonly data: "own" }>;
type Props = { readonly view: Own; readonly teachers: TeachersView };

export function OwnTask({ view, teachers }: Props) {
  const { task, publicSet, test, experiments } = view;
  const { organiser, teacher } = task;
  const prompts = promptsOf(view);
  const hasOrganiser = `${organiser.name}${organiser.contact}` !== "";
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="min-w-0 space-y-6">
        <Panel title={text.row.classCount(task.classes.length)}>
          <ClassList classes={task.classes} />
        </Panel>
        <Panel title={text.own.study}>
          <TaskFacts task={task} teachers={teachers}>
            {hasOrganiser && (
              <Fact name={text.facts.organiser}>
                <Organiser organiser={organiser} />
              </Fact>
            )}
          </TaskFacts>
        </Panel>
        {teacher.kind !== "none" && (
          <Panel title={text.own.painted} description={text.own.paintedText}>
            <div className="grid grid-cols-2 gap-5 sm:grid-cols-3">
              {teacher.kind === "shipped" && (
                <figure>
                  <Sheet
                    src={`/api/teachers/${teacher.checkpoint}/samples.png`}
                    label={text.dealt.paints(teacher.checkpoint)}
                    className="w-full"
                  />
                  <figcaption className="mt-2 text-sm font-medium">
                    {text.own.everything}
                  </figcaption>
                </figure>
              )}
              {prompts.length > 0 && (
                <TeacherPreview
                  title={text.own.forTask}
                  of={{ teacher, prompts, size: task.pictures.size, task: view.id }}
                />
              )}
            </div>
            {prompts.length > 0 && <PromptsOfSheet prompts={prompts} />}
          </Panel>
        )}
        {publicSet?.hasPictures && (
          <div id="base" className="scroll-mt-6">
            <Panel title={text.base.title} description={text.base.text}>
              <TaskBase
                id={view.id}
                task={task}
                shipped={teachers.shipped}
                isFree={experiments.length === 0}
              />
            </Panel>
          </div>
        )}
        <ExperimentsOn experiments={experiments}>{text.own.stays}</ExperimentsOn>
      </div>
      <div className="min-w-0 space-y-6">
        <Panel
          title={text.own.publicSet}
          description={
            publicSet ? `${sizeText(publicSet)}, ${task.publicLicence}` : text.own.noPublicSet
          }
        >
          {publicSet && (
            <div className="space-y-5">
              {publicSet.hasPictures && <SetPictures id={view.id} name={view.name} />}
              <Counts view={view} set={publicSet} />
            </div>
          )}
        </Panel>
        <Panel title={text.own.test} description={test ? sizeText(test) : text.own.noTest}>
          {test && <Counts view={view} set={test} />}
        </Panel>
      </div>
    </div>
  );
}

/** The first that the teacher is asked for. */
function promptsOf({ task: { classes, prompts }, publicSet }: Own): readonly string[] {
  if (prompts.kind === "captions") return publicSet?.captions ?? [];
  return firstPrompts(classes, prompts.attributes, mostPreviewed);
}

type SetOf = NonNullable<Own["test"]>;
const sizeText = ({ samples, bytes }: SetOf) => text.own.size(samples, formatBytes(bytes));

const Counts = ({ view, set }: { readonly view: Own; readonly set: SetOf }) =>
  set.counts && (
    <ClassCounts classes={view.task.classes.map(({ name }) => name)} counts={set.counts} />
  );

const SetPictures = ({ id, name }: { readonly id: string; readonly name: string }) => (
  <Sheet
    src={`/api/tasks/${id}/sheet.png`}
    label={text.own.publicPictures(name)}
    className="w-full"
  />
);
