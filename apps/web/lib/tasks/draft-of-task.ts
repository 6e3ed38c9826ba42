import type { TaskView } from "@tandem/protocol/view";
import { type Draft, emptyDraft, textOfWords } from "./draft";

export type OwnTaskView = Extract<TaskView, { readonly data: "own" }>;

/** What the form begins with where a task is changed or copied. */
export type Source = {
  readonly view: OwnTaskView;
  readonly as: "edit" | "copy";
  /** Of the task as it is there is a base that this server has trained. */
  readonly isBaseReady: boolean;
};

export const setOfView = ({ publicSet, test }: OwnTaskView) => ({ public: publicSet, test });

/** A task as its form holds it, with all that is in its sets. */
export function draftOf(view: OwnTaskView): Draft {
  const { task } = view;
  const { organiser, pictures, least, prompts, teacher } = task;
  const model = task.backbone ?? task.encoder;
  const sets = setOfView(view);
  const isOwn = model?.url.startsWith("/") ?? false;
  return {
    ...emptyDraft,
    name: task.name,
    description: task.description,
    organiser: organiser.name,
    contact: organiser.contact,
    classes: task.classes.map(({ name, words }) => ({
      name,
      words: words.length === 1 && words[0] === name ? "" : textOfWords(words),
    })),
    modalities: task.modalities,
    size: pictures.size,
    colour: pictures.colour,
    background: String(pictures.background),
    leastOfAll: String(least.participant),
    leastOfClass: String(least.class),
    ...(model && {
      backbone: {
        from: isOwn ? "server" : "address",
        url: isOwn ? model.url : "",
        address: isOwn ? "" : model.url,
        layer: model.layer ?? "",
        normalisation: model.normalisation,
        size: String(model.size),
        isTrained: task.encoder !== undefined,
        checked: model,
      },
    }),
    licence: task.publicLicence,
    prompts: prompts.kind,
    attributes: prompts.kind === "words" ? prompts.attributes.map(textOfWords) : [],
    teacher: teacher.kind,
    checkpoint: teacher.kind === "shipped" ? teacher.checkpoint : "",
    folder: teacher.kind === "folder" ? teacher.path : "",
    keeps: (["public", "test"] as const).filter((folder) => sets[folder] !== undefined),
  };
}
