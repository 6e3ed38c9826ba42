import { formatBytes, formatPercent, listed, plural } from "@tandem/core/format";

const what = "The study’s teacher on the server paints what you ask for";
const are = (count: number) => `${count} ${count === 1 ? "is" : "are"}`;

/** The words of a participant's own model: how well it does, something to try, and how to take it along. */
export const text = {
  title: "Your model",
  gone: "It is yours. This browser keeps nothing for this page: it is gone when this tab closes, so take it along before.",
  stays: "It is yours. It stays in this browser, whatever becomes of the study.",
  staysUntil:
    "It is yours. It stays in this browser until you delete it, whatever becomes of the study.",
  measure: "Measure it now",
  measureAgain: "Measure again",
  measuring: "Measuring it on samples that it has not learned from",
  idle: (rounds: number) =>
    `It has learned in ${plural(rounds, "round")}. Measuring it takes a few seconds of this device’s time.`,
  mixesUp: "Which classes it mixes up",
  cancel: "Cancel",
  working: (doing: string) => `${doing}…`,

  figures: {
    first: "After its first round",
    now: (rounds: number) => `Now, after ${plural(rounds, "round")}`,
    alone: "Alone, as many rounds",
    trainAlone: "Train it here",
    unknown: "unknown",
    interval: (low: string, high: string) => `${low} to ${high}`,
    about: (isClasses: boolean, samples: number, isPublic: boolean) =>
      `${isClasses ? "Right answers" : "Captions that find their picture first"} among ${plural(samples, "sample")} ${isPublic ? "of the public test, which nobody trains on" : "of yours that it has not learned from"}. Guessing reaches `,
    interpreted: ". With 95 % confidence the true share lies in the range below each number.",
    heads: (halves: readonly string[]) => ` By itself, ${listed(halves, "and")}.`,
    head: (isPictures: boolean, share: number) =>
      `its ${isPictures ? "picture" : "caption"} half reaches ${formatPercent(share)}`,
    change: (gained: number, lost: number, isSure: boolean) =>
      ` Since its first round ${are(gained)} right that it had wrong, and ${are(lost)} wrong that it had right: ${isSure ? "more than chance alone would do" : "chance alone could do that"}.`,
  },
  classes: {
    title: "By class",
    none: "none to tell",
    of: (hits: number, count: number) => `${hits} of ${count}`,
    about: "How many samples of each class (rows) it takes for each class (columns).",
    scrolls: "Table of classes, scrolls sideways",
    caption: "Samples by class and by what they are taken for",
    is: "Is",
  },
  examples: {
    gained: "It has learned to get these right",
    right: "It gets these right",
    wrong: "It gets these wrong",
    none: "None.",
    takenFor: (name: string) => `taken for ${name}`,
  },

  tryIt: {
    title: "Try it",
    matches: "What you give it stays in this tab. It matches pictures and captions.",
    knows: (classes: number) =>
      `What you give it stays in this tab. It knows ${classes} classes, and takes everything for one of them.`,
    field: "A text",
    ask: "Ask",
    working: "Reading and asking your model",
  },
  pick: {
    pictures: "Pictures",
    camera: "Camera",
    cameraName: "Take a picture",
    folder: "A folder",
    folderName: "A folder of pictures",
    hint: "Or paste a picture, or drop some here.",
    one: "By a picture",
    oneName: "A picture to search by",
  },
  answers: {
    count: (count: number) => plural(count, "answer"),
    list: "What your model says",
    download: (count: number) => `Download all ${count} answers`,
    file: "A CSV table with a line for each picture.",
    first: (shown: number) => `The first ${shown} are shown. `,
    leftOut: (count: number) => `${plural(count, "file is", "files are")} left out.`,
    others: (count: number) => `And ${plural(count, "other")}.`,
  },
  search: {
    field: "Search your own pictures",
    verb: "Search",
    working: "Searching your pictures",
    found: "Your nearest pictures",
    noPicture: "There is no picture among them.",
  },

  teacher: {
    title: "Ask the teacher",
    about: `${what}.`,
    budget: (left: number, of: number) =>
      `${what}. Each picture costs its organiser money, so it paints for participants alone: ${left} of ${of} pictures of this study are left.`,
    untaught: `${what}. No round has taught it anything yet.`,
    taught: (rounds: number) =>
      `${what}: as it was before the study, and as everyone together has taught it in ${plural(rounds, "round")}.`,
    field: "What to paint",
    verb: "Paint",
    note: "What you type goes to the study’s server, and nothing else does.",
    prompts: "Or one of the study’s prompts",
    list: "What it has painted",
    again: "Try again",
    painting: "Painting; while the study is at work, its turn comes first",
    waiting: (ahead: number) =>
      `Waiting: ${plural(ahead, "other prompt is", "other prompts are")} painted before yours`,
    picture: (prompt: string, by: string) => `“${prompt}”, ${by.toLowerCase()}`,
    afterRound: (round: number | undefined) => `After round ${round}`,
    before: "Before the study",
    asItIs: "As it is",
  },

  take: {
    title: "Take it along",
    about: (isHead: boolean, hasOnnx: boolean, hasWords: boolean) =>
      `A zip with ${isHead ? "the head that you have trained" : "the model"} for TensorFlow.js${hasOnnx ? " and ONNX" : ""}, its weights, ${hasWords ? "its classes and words" : "its classes"}, and a card that says how well it does and how to load it.`,
    download: "Download your model",
    size: (bytes: number) => `About ${formatBytes(bytes)}.`,
    head: " The study’s backbone is a graph, which is not copied: the card says which one goes before the head.",
    noOnnx: (why: string) => ` There is no ONNX file in it. ${why}`,
    writing: "Writing the files",
    remove: "Delete it",
    removeTitle: "Delete your model?",
    removeText:
      "What it has learned is removed from this browser, and nobody else has it. A zip that you have downloaded stays.",
    removeVerb: "Delete",
  },
  adapter: {
    title: "The teacher’s adapter",
    about: "What everyone together has taught the teacher of this study, as a LoRA for its base. ",
    simulate: "npm run simulate -- --adapter FILE",
    simulateText: " starts another study from it, and ",
    generate: "npm run teacher -- generate --model DIR --adapter FILE",
    generateText: " paints with it.",
    download: "Download the adapter",
    file: (round: number) => `Zip file of round ${round}, `,
    looking: "Looking for it…",
    none: "No round has taught the teacher yet.",
  },
} as const;
