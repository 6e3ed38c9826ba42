import { plural } from "@tandem/core/format";

/** What is done with one experiment or several: tags, notes, archive, clones, more rounds. */
export const text = {
  undo: "Undo",
  cancel: "Cancel",
  save: "Save",
  archived: (count: number) => `${plural(count, "experiment")} archived`,
  restored: (count: number) => `${plural(count, "experiment")} restored`,
  relabelled: (count: number) => `${plural(count, "experiment")} changed`,
  undone: "Undone",
  partly: (done: number, of: number, why: string) =>
    `${done} of ${plural(of, "experiment")} changed: ${why}`,
  tags: {
    label: "Tags",
    title: (count: number) => `Tag ${plural(count, "experiment")}`,
    some: (tag: string, count: number) => `${tag} (${count})`,
    none: "No tags yet",
    add: "Add a tag",
    addVerb: "Add",
    hint: "Up to 16, each of at most 32 characters. Upper and lower case are the same.",
    remove: (tag: string) => `Remove ${tag}`,
    filter: (tag: string) => `Experiments with the tag ${tag}`,
  },
  menu: { label: "More", title: "More that can be done with this experiment" },
  of: {
    group: (name: string) => `Group ${name}`,
    archived: "Archived",
  },
  labels: {
    action: "Tags and note",
    title: "Tags and note",
    note: "Note",
    noteHint: (left: number) => `${left} characters left.`,
    group: "Group",
    groupHint: "Experiments of one group are shown together. Empty: none.",
    saved: "Saved",
  },
  likeThis: "New with its settings",
  compare: "Compare",
  archive: "Archive",
  restore: "Restore",
  clone: {
    action: "Clone",
    title: "Clone this experiment",
    lead: "A new draft with the same settings, but for these. Its clients and results are not copied.",
    name: "Name",
    copyOf: (name: string) => `${name} (copy)`,
    rounds: "Rounds",
    seed: "Seed",
    verb: "Create clone",
  },
  rounds: {
    action: "Add rounds",
    title: "Add rounds",
    lead: (rounds: number) =>
      `It has ${plural(rounds, "round")}. Participants have agreed to that: whoever is here is asked again, and takes part once they agree.`,
    add: "Rounds to add",
    verb: "Add",
    added: (rounds: number) => `It has ${plural(rounds, "round")} now`,
  },
} as const;
