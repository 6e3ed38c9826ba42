import { plural } from "@tandem/core/format";

/** The words of the join page that the server draws: what taking part costs, and what is agreed to. */
export const text = {
  title: "Take part",
  takePartIn: "Take part in",
  noScript:
    "This page computes in your browser and needs JavaScript for it. Allow it for this site, then reload.",
  noStrategy: (name: string) => `This server has no strategy named ${name}.`,
  details: "Details of what is sent and kept",
  guide: "How taking part works",

  costs: {
    time: "Time",
    atMost: (duration: string) => `up to ${duration}`,
    about: (duration: string) => `about ${duration}`,
    computing: (rounds: number) => `of computing, for ${plural(rounds, "round")}`,
    more: (rounds: number) => `for ${plural(rounds, "more round")}`,
    download: "Download",
    once: "once, kept for the next visit",
    round: "Each round",
    unknown: "not known yet",
    sent: (bytes: string) => `${bytes} of it sent`,
    noRound: "no round has ended",
  },

  consent: {
    label: "What you agree to",
    term: (name: string) => `${name}:`,
    stays: "Stays here",
    staysText: "the samples, your files and the rest of this device.",
    sent: "Sent",
    undisclosed: "this strategy does not say what. Ask whoever runs this server before you join.",
    seen: "Seen by others",
    seenText: "this tab’s name, its accuracy and what it computes with.",
    kept: "Kept",
  },

  stays: {
    title: "Never leaves this tab",
    samples:
      "The pictures and captions it trains on. The server hands them out when you join; none of them is sent back.",
    ownSamples:
      "The pictures and captions that you bring. They are read, kept and trained on here; the server is only told how many there are.",
    device:
      "Your files, other tabs and everything else on this device: this page reads none of it.",
    ownDevice:
      "The rest of your files, other tabs and everything else on this device: this page reads only what you give it.",
    encoder: "A model of your own, if you bring one: neither its files nor its weights are sent.",
    kept: "Samples and model are kept in this browser for the next visit, until you leave. Then they are removed.",
    ownKept:
      "Your data is kept in this browser until you delete it, and the model until you leave.",
    key: "A key stays, with which you can have what you sent erased.",
  },

  leaves: {
    title: (strategy: string) => `Sent to the server, with ${strategy}`,
    undisclosed:
      "This strategy does not say what it uploads. Ask whoever runs this server before you join.",
    figures:
      "Your model’s loss and accuracy, how many samples it has and how many it trains on in a second, how far a round is, and why one failed, if it did.",
    name: "The name you enter and how this device computes. Everybody who can open the dashboard sees them.",
    ownSamples: (most: number) =>
      `How many samples you bring. In what the server makes of all answers, more than ${plural(most, "sample")} of one participant count as ${most}.`,
    device:
      "How long a small training step takes here, and how much memory the browser reports: with that the server chooses which model this tab trains. It does not keep them.",
  },
} as const;
