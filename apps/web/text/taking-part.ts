import { formatBytes, formatDuration, formatPercent, plural } from "@tandem/core/format";

const capital = (words: string) => words[0].toUpperCase() + words.slice(1);

/** The words of the page of a tab that takes part. */
export const text = {
  connection: {
    online: "Connected",
    offline: "Offline: trying to reconnect",
    connecting: "Connecting",
    paused: "Paused",
    closed: "Connection closed",
  },

  tab: {
    title: "This tab",
    retries: "This tab could not finish a round, and tries again in the next. ",
    paused:
      "Your place is kept for a minute, and for longer while nobody else wants it. What your model has learned stays in this browser.",
    awake:
      "The screen stays on while this tab takes part. You can look at other pages of this site in it meanwhile: it goes on.",
    again: "Join again",
    results: "See the results",
    experiments: "All experiments",
    resume: "Resume",
    pause: "Pause",
  },
  leave: {
    verb: "Leave",
    title: "Leave the study?",
    text: "The round goes on without this tab. Its model and its data are removed from this browser. You can join again while there are rounds to come.",
    ownText:
      "The round goes on without this tab. Its model is removed from this browser; the data that you brought stays until you delete it. You can join again while there are rounds to come.",
    erase: "Also erase what this tab sent to the server",
    eraseVerb: "Leave and erase",
  },

  progress: {
    measuring: "measuring",
    left: (ms: number) => `${formatDuration(ms)} left`,
    round: "Round",
    of: (rounds: number) => `of ${rounds}`,
    accuracy: "Accuracy",
    measuredOn: (what: string, classes: number) => `${what}, chance ${formatPercent(1 / classes)}`,
    loss: "Loss",
    lossNote: "nats, latest",
    sent: "Sent",
    received: (bytes: number) => `${formatBytes(bytes)} received, since the page opened`,
    unknown: "–",
  },
  curve: {
    title: "Your model’s accuracy",
    about: (measured: string | undefined, classes: number) =>
      `${measured === undefined ? "On samples that nobody trains on" : `${capital(measured)}, which nobody trains on`}. Guessing reaches ${formatPercent(1 / classes)}.`,
    empty: "Measured at the end of each round.",
  },

  data: {
    title: "Your data",
    place: "Place",
    data: "Data",
    own: (what: string) => `Your own ${what}`,
    dealt: (what: string, source: string) => `${capital(what)} from ${source}`,
    samples: "Samples to train on",
    model: "Model",
    loaded: "Loaded",
    fromBrowser: "from this browser",
    downloaded: (bytes: number) => `${formatBytes(bytes)}, downloaded once`,
    stored: "Stored",
    storedOf: (usage: number, quota: number) => `${formatBytes(usage)} of ${formatBytes(quota)}`,
    kept: "Kept",
    untilClosed: "until this tab closes",
    untilCleared: "until you clear it",
    whileRoom: "while the disk has room",
    some: (count: number) => `${count} of them, drawn by this tab alone:`,
    list: "Some of your samples",
  },

  device: {
    title: "Details of this device",
    text: "A short test finds the fastest way to compute that gives right results.",
    chosen: "In use",
    skipped: "Skipped",
    failed: "Failed",
    testing: "Testing…",
    untested: "Not tested",
    step: (ms: number) => `, a training step takes ${formatDuration(ms)}`,
  },

  ledger: {
    title: "What has left this tab",
    text: (messages: number, bytes: number) =>
      `${plural(messages, "message")} with ${formatBytes(bytes)} since this page was opened, and nothing else but what every connection needs: addresses, and signs that it is alive. The key that this tab shows the server, and its invitation, are left out here.`,
    forgotten: (count: number) => ` The first ${count} are not listed any more.`,
    all: (groups: number) => `Show all ${groups}`,
    save: "Save as JSONL",
    times: (count: number) => `${count} ×`,
    last: (shown: number, all: number) => `The last ${shown} of ${all}; the file has all.`,
    gone: "Its bytes are not held any more.",
    saveOne: (bytes: number) => `Save its ${formatBytes(bytes)}`,
  },
} as const;
