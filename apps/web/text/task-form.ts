import { listed, plural } from "@tandem/core/format";

/** The words of the form that makes, copies or changes a task. */
export const text = {
  step: (at: number, of: number) => `Step ${at} of ${of}`,
  /** Titles of the steps, in their order. */
  steps: ["About", "Classes", "Samples", "Models", "Server's data", "Teacher", "Review"],
  leads: [
    "What the study is, in words for the people who take part.",
    "The answers that models learn to give.",
    "What participants bring. It stays in their tab: the server never sees it.",
    "From few pictures a small model learns little. A backbone is a larger model that has already learned to see.",
    "What the server may have and use. Both sets can be left out.",
    "A text-to-image model can paint pictures that all models answer, and learn from them.",
    "Nothing runs yet: an experiment on the task does that. Until there is one, the task can be changed and removed.",
  ],
  cancel: "Cancel",
  back: "Back",
  next: "Next",
  save: "Save the task",
  saving: "Saving…",
  create: "Create the task",
  creating: "Creating…",
  sending: "Sending the task…",
  sendingLabel: "Sending the task",
  reading: "The server reads it…",
  locked: (why: string) => `${why} To change more, remove what there is under “Server's data”.`,

  about: {
    name: "Name",
    nameHint: "Shown to participants.",
    description: "Description",
    descriptionHint: "What the study is for, and which samples participants should bring.",
    organiser: "Who runs it",
    organiserHint: "A person or an institution.",
    contact: "Contact",
    contactHint: "How participants reach them: an e-mail address or a page.",
  },

  classes: {
    label: "Classes",
    hint: "What a sample can be, 2 to 64. A folder of pictures with a class's name or one of its words is read as that class; the first word is what the teacher is asked to paint.",
    locked: (sets: readonly string[]) =>
      `${lockedBy(sets)} these classes: only their words can change.`,
    name: (row: number) => `Class ${row}`,
    words: "Words for it",
    wordsOf: (row: number) => `Words for it, class ${row}`,
    example: (name: string) => `${name}, …`,
    remove: (row: number) => `Remove class ${row}`,
    add: "Add a class",
    paste: "Paste a list",
    pasteHint: "One class per line, with words for it after a colon:",
    pasteExample: "apple: pippin, cox",
    addNone: "Add them",
    addMany: (count: number) => `Add ${plural(count, "class", "classes")}`,
  },

  samples: {
    bring: "Participants may bring",
    bringHint: "Each participant brings one of these; the study mixes them.",
    kinds: { image: "Pictures", text: "Captions", "image-text": "Pictures with captions" },
    locked: (sets: readonly string[], format: string) =>
      `${lockedBy(sets)} pictures of ${format}, so these stay.`,
    size: "Picture size",
    sizeHint:
      "Every picture is scaled in the tab to a square of this many pixels a side. Larger ones show more and train more slowly.",
    sizeOf: (side: number) => `${side} × ${side}`,
    colour: "Colour",
    colourHint: "Grey is enough where colour says nothing about the class.",
    inColour: "In colour",
    grey: "Grey",
    leastOfAll: "Samples of a participant, at least",
    leastOfAllHint: "A fifth of them is held back to measure with.",
    leastOfClass: "Samples of a class, at least",
    leastOfClassHint: "Of each class that a participant has any of.",
    background: "Background (0 – 255)",
    backgroundHint: "Grey level behind transparent and narrow pictures: 0 is black, 255 white.",
  },

  models: {
    textOnly:
      "Participants bring only captions, so there is nothing to choose here: models learn from the words.",
    from: "Models learn from",
    pictures: "The pictures",
    picturesText: "Small models learn everything from the study's pictures.",
    serverText: "A model in this server's folder.",
    address: "A model at an address",
    addressText: "In TensorFlow.js format, on any site.",
    use: "What participants do with it",
    useHint:
      "Frozen: small models learn from its features, in seconds. Trained: everybody goes on training it, from the weights in its files; it must be a layers model.",
    frozen: "Learn from its features",
    trained: "Train it",
    url: "Address of its model.json",
    urlHint: "https, on a site that lets other sites read it (CORS), with the weights beside it.",
    pixels: "Pixel values it expects",
    pixelsHint:
      "As its own description says; other values make its features worse. “imagenet” subtracts ImageNet's mean and divides by its standard deviation.",
    layer: "Layer (optional)",
    layerHint:
      "The layer whose output is used as features, mostly the last but one. Without it, the model's own output.",
    side: "Pixels a side (optional)",
    sideHint: "8 to 224, where the model leaves it open.",
    check: "Check it",
    checkAgain: "Check it again",
    stop: "Stop",
    checking: "This browser is reading the model and trying it…",
    unchecked: "Its files, layers and numbers are checked before a study can be made with it.",
    serves: (what: string) => `It can be used: ${what}.`,
    weights: (size: string) => ` Every participant downloads ${size} of weights.`,
  },

  sets: {
    public: "Public set",
    publicText:
      "Pictures and captions that the server may have: the teacher begins with them, and strategies with a teacher need them. What participants bring never gets here. You can go on without.",
    test: "Test set",
    testText:
      "If there is one, every model is measured on it, and every tab downloads it. Without it, each participant measures on a fifth of their own samples.",
    licence: "Licence of the public set",
    licenceHint: "The terms under which it may be used, such as CC-BY-4.0.",
    lost: "Reloading the page has dropped the files: choose them once more, or go on without.",
    drop: (isReplacing: boolean) =>
      `${isReplacing ? "To replace it, drop" : "Drop"} a zip or a folder here, with a folder of pictures for each class, and their texts in metadata.csv if they have any.`,
    remove: "Remove",
    putBack: "Keep it",
    stays: (count: number) => `${plural(count, "sample")} in the task`,
    goes: (count: number) => `${plural(count, "sample")} will be taken out of the task`,
    pictures: (title: string) => `Pictures: ${title}`,
    files: (folder: string, count: number) => `${folder}/, ${count} files`,
    reading: (done: number, count: number) => `Reading ${done} of ${plural(count, "file")}`,
    readingLabel: (title: string) => `Reading: ${title}`,
    read: (samples: number, leftOut: number) =>
      `${plural(samples, "sample")}${leftOut > 0 ? `, ${leftOut} left out` : ""}`,
  },

  teacher: {
    label: "Who paints",
    needsSet: "Strategies with a teacher need a public set too: go back a step to add one.",
    none: "Nobody",
    noneText: "Tabs learn from each other, with strategies such as FedAvg.",
    own: "One of the study's own",
    ownThere: "The base that this server has trained from the public set.",
    ownLater:
      "A small model that this server trains from the public set. Start it on the task's page; it can be chosen there once it is done.",
    ownOutdated:
      "A small model that this server trains from the public set. Start it on the task's page: the one that there is was trained for other classes, prompts, pictures or another set.",
    folder: "A folder on the server",
    folderText: "A text-to-image model in the diffusers layout that paints in this size.",
    remote: "An images API",
    remoteText: "The one that this server is set up with. It paints, and is never fine-tuned.",
    path: "Path of the folder",
    pathHint: "The whole path, from /. The server checks that it paints in this size.",
    facts: (name: string, size: readonly number[]) => `${name}, ${size.join(" × ")} pixels`,
  },
  prompts: {
    label: "Prompts come from",
    hint: "Captions of the public set say more than a word, where it has them.",
    words: "Words of the classes",
    captions: "Captions of the public set",
    attributes: "Attributes",
    attributesHint: (lists: number, prompts: number) =>
      `Words before that of the class, such as colours or sizes: up to ${lists} lists of 20 words each, separated by commas. Every combination is asked for, ${prompts.toLocaleString("en")} prompts at most.`,
    row: (row: number) => `Attributes ${row}`,
    examples: ["red, green, yellow", "small, big"],
    remove: (row: number) => `Remove attributes ${row}`,
    add: "Add attributes",
    count: (count: number) => plural(count, "prompt"),
    list: "Prompts",
    more: (count: number) => `and ${count} more`,
  },
  offered: {
    title: "What they paint for these prompts",
    text: "A base can paint some things and not others. See before you choose; it takes seconds.",
    own: "The study's own base",
    folder: "The folder",
    remote: "The images API",
  },

  review: {
    mend: "Fix",
    change: "Change",
    changeOf: (part: string) => `Change ${part}`,
    settings: "Samples, sets and teacher",
    publicSet: "Public set",
    testSet: "Test set",
    unread: "Not read yet",
    none: "None",
    goes: "None: it is taken out of the task",
    samples: (count: number, isKept: boolean) =>
      `${plural(count, "sample")}${isKept ? ", as before" : ""}`,
  },

  mistakes: {
    licence:
      "Say under which terms the public set may be used, such as CC-BY-4.0, or remove its files.",
    noCaptions: "There are no captions in a public set: ask for the classes' words.",
    unchecked: "Check the model first, or let models learn from the pictures.",
    noName: "Enter a name.",
    noPath: "Enter the folder's path on the server.",
    noClassName: "Enter the name of the class.",
    empty: "Fill this in.",
    noKind: "Choose at least one.",
    fewClasses: (least: number) => `A study has at least ${least} classes: enter another.`,
    manyClasses: (most: number) => `At most ${most} classes.`,
    long: (most: number) => `Shorten it to at most ${most} characters.`,
    many: (most: number) => `At most ${most}, separated by commas.`,
    small: (least: number) => `Must be at least ${least}.`,
    large: (most: number) => `Must be at most ${most}.`,
    noNumber: "Enter a whole number.",
    otherSize: (its: string, the: string) =>
      `It paints ${its} pixels, and this study's pictures have ${the}.`,
    noPictures:
      "A base is trained from public pictures, and there are none: go back a step to add some.",
    noBase: "Choose one of the bases.",
    noRemote:
      "This server has no images API: whoever runs it sets TANDEM_TEACHER_URL, TANDEM_TEACHER_MODEL and TANDEM_TEACHER_KEY.",
    badFiles: "Choose other files, or remove these: the study can do without.",
  },
} as const;

/** `sets`: those that stay as they are, such as `public`. */
const lockedBy = (sets: readonly string[]) =>
  `The task's ${listed(
    sets.map((set) => `${set} set`),
    "and",
  )} ${sets.length > 1 ? "were" : "was"} read for`;
