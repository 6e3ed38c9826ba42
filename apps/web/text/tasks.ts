import { plural } from "@tandem/core/format";

/** The words of the list of tasks and of a task's page; the steps of its form have theirs beside them. */
export const text = {
  title: "Tasks",
  about: "tasks",
  intro:
    "What an experiment is on. On a task of your own, participants bring their samples, which stay with them. Of a data set that Tandem ships, each place is dealt a part.",
  new: "New task",
  groups: { own: "Studies of your own", dealt: "Data sets that Tandem ships" },
  none: "None yet",
  noneText:
    "A task says which classes there are and what participants may bring. It takes a few minutes and no code.",
  row: {
    classes: "Classes",
    classCount: (n: number) => plural(n, "class", "classes"),
    bring: "Participants bring",
    teacher: "Teacher",
    teacherIs: (teacher: string) => `Teacher: ${teacher}`,
    sets: "Sets",
    publicSamples: (n: number) => `${n} public`,
    testSamples: (n: number) => `${n} to test with`,
    samples: (sets: readonly string[]) => `Samples: ${sets.join(", ")}`,
    noSets: "No public set, no test set",
    dealt: "Dealt",
  },
  import: {
    title: "Import a task",
    drop: "Drop the zip of a task here: an export from a task's page, or a zipped folder with task.json, public and test.",
    sending: "Sending the zip",
    done: (name: string) => `“${name}” has been imported.`,
    open: "Open it",
  },
  page: {
    own: "Participants bring their own",
    dealt: "A data set that is dealt",
    newExperiment: "New experiment on this task",
    edit: "Edit",
    copy: "Make a copy",
    export: "Export",
  },
  make: {
    title: "New task",
    about: "making a task",
    intro:
      "A study of your own, step by step. What you type stays in this tab until the task is created.",
    copyOf: (name: string) => `A copy of ${name}`,
    copyIntro:
      "It starts with that task's definition and sets. What you change stays in this tab until the copy is created.",
  },
  edit: {
    title: "Edit task",
    heading: "Edit the task",
    locked: "This task cannot be changed now",
    lockedText: (names: readonly string[]) =>
      `${new Intl.ListFormat("en").format(names.map((name) => `“${name}”`))} ${names.length > 1 ? "use" : "uses"} this task, and whoever has joined has been told what it is. Delete ${names.length > 1 ? "these experiments" : "this experiment"} first, or make a copy: it starts with the same definition and the same sets.`,
    training:
      "A base is being trained from this task. Until that is done or stopped, its classes, prompts, pictures and public set stay as they are.",
  },
  remove: {
    verb: "Remove",
    ask: (name: string) => `Remove “${name}”?`,
    text: "Its public set and its test set are removed too. Export it first if you want to keep it.",
  },
  experiments: { title: "Experiments", none: "No experiment uses this task yet." },
  dealt: {
    use: "How it is used",
    useText:
      "Tandem ships it. Every place of an experiment is dealt a part of it, which the tab downloads when it joins. How even the parts are is a setting of the experiment. Nobody brings anything, so it suits trying things out and comparing strategies.",
    teacher: "Its teacher",
    teacherText: (title: string) => `${title}: what strategies with a teacher start from.`,
    paints: (title: string) => `What ${title} paints`,
  },
} as const;
