import { formatBytes, formatDuration, plural } from "@tandem/core/format";
import type { ColumnRole, LeftOutCode } from "@tandem/intake/intake";

/** The words of own data once there is some, or is about to be; those of before are in `bring-data.ts`. */
export const text = {
  more: (count: number) => `And ${count} more.`,
  openClass: "No class yet",

  camera: {
    title: "Camera",
    view: "What the camera sees",
    ready:
      "Press a class to take a picture, hold it to take several. The square above is what is used.",
    waiting: "Waiting for the camera. The browser may ask you to allow it.",
    add: "Add what was taken",
    files: "Camera",
  },
  typing: {
    title: "Type captions",
    field: "Captions",
    fieldNote: "(one a line)",
    classOf: "Class of the captions",
    noClass: "Choose their class",
    add: (captions: number) => `Add ${captions > 1 ? plural(captions, "caption") : "caption"}`,
    files: "Typed",
  },

  reading: {
    title: (files: number) => `Reading ${plural(files, "file")}`,
    label: "Reading files",
    cancel: "Cancel",
    done: (files: number, bytesDone: number, bytes: number) =>
      `${files} read, ${formatBytes(bytesDone)} of ${formatBytes(bytes)}`,
    leftOut: (count: number) => `${count} left out`,
    left: (ms: number) => `${formatDuration(ms)} left`,
  },
  read: {
    title: (samples: number) => `${plural(samples, "sample")} read`,
    classes: "Samples of each class",
  },
  findings: {
    label: "Before you join",
    enough: "This is enough to join with. Keep it below, then join.",
    confirm: "Confirm all guesses",
  },

  columns: {
    label: (path: string) => `Columns of ${path}`,
    rows: (count: number) => plural(count, "row"),
    roles: { file: "Picture’s file", label: "Class", text: "Caption" } satisfies Readonly<
      Record<ColumnRole, string>
    >,
    none: "None",
  },
  folders: {
    open: "Names to settle",
    openText: "These folders or words are not quite the name of a class. Choose what they mean.",
    settled: "Folders, words and their classes",
    noFolder: "Files in no folder",
    classOf: (name: string) => `Class of ${name || "files in no folder"}`,
    isGuess: (name: string) => `It is ${name}`,
    choose: "Choose a class",
    another: "Another class",
    leaveOut: "Leave out",
  },

  grid: {
    title: "Look through them",
    shown: "Samples shown",
    all: "All classes",
    none: "None of them.",
    manyAtOnce:
      "With Shift, a click or an arrow key chooses everything in between; Delete takes it out.",
    list: "Samples",
    noClass: "No class",
    sample: (className: string, what: string) => `${className}: ${what}`,
    tools: "Chosen samples",
    chooseAll: "Choose all here",
    giveClass: "Give the chosen samples a class",
    give: "Give a class",
    takeOut: "Take out",
    chosen: (count: number) => `${count} chosen`,
    page: (page: number, pages: number, samples: number) =>
      `Page ${page} of ${pages}, ${plural(samples, "sample")}`,
    previous: "Previous page",
    next: "Next page",
  },

  leftOut: {
    title: (count: number) => `${plural(count, "file or line", "files or lines")} left out`,
    remarks: (count: number) => plural(count, "remark"),
    used: "Used all the same",
    groups: {
      "bad-line": "Lines that cannot be read",
      "bad-path": "Paths that cannot be used",
      corrupt: "Damaged files",
      duplicate: "There twice",
      empty: "Empty",
      encrypted: "Encrypted",
      kind: "Not pictures, texts or tables that can be read",
      "nested-zip": "Zips in place of pictures",
      "no-column": "Tables whose columns are not known",
      "no-match": "Without a picture or a class",
      "not-asked": "Not what the study asks for",
      "second-row": "A second line for the same picture",
      "too-large": "Too large",
      "too-many": "Too many",
      "too-small": "Too small",
      truncated: "Cut off",
      undecodable: "Pictures that cannot be opened",
      "unknown-class": "Left out by you",
    } satisfies Readonly<Record<LeftOutCode, string>>,
  },

  keep: {
    writing: "Writing…",
    replace: "Keep in place of what is there",
    keep: "Keep in this browser",
    undo: "Undo",
    startOver: "Start over",
  },
  kept: {
    title: "Data that you brought",
    kept: (samples: string, bytes: number) =>
      `${samples} kept in this browser, ${formatBytes(bytes)}`,
    untilClosed: (samples: string, bytes: number) =>
      `${samples} kept until this tab closes, ${formatBytes(bytes)}`,
    split: (train: number, heldOut: number) =>
      `${train} to train on; ${heldOut} held back, to measure on and never trained on.`,
    few: (least: number) => ` To show an accuracy, ${least} have to be held back: bring more.`,
    aside: (count: number) =>
      ` ${plural(count, "sample")} held back before now lack a picture or a caption, and are not used.`,
    replace: "Bring other data",
    remove: "Delete data",
    removeTitle: "Delete your data from this browser?",
    removeText:
      "Your files stay where they are on this device. What was read of them is removed here; to take part again you have to bring it again. Which samples were held back is remembered as long as a model that trained on the others is kept here.",
    removeVerb: "Delete",
  },
} as const;
