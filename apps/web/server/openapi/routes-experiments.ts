import { experimentConfig } from "@tandem/protocol/experiment-config";
import { exportQuery } from "@tandem/protocol/experiment-export";
import { labelChange } from "@tandem/protocol/experiment-labels";
import { experimentQuery, listQuery } from "@tandem/protocol/experiment-query";
import { decision, newInvitation } from "@tandem/protocol/invitations";
import { painting } from "@tandem/protocol/painting";
import { addedRounds, cloneSchema, sweepSchema } from "@tandem/protocol/sweep";
import * as z from "zod/mini";
import { removal } from "../api-routes";
import { logQuery } from "../live-routes";
import { type Described, list, media, nothing, one, png, zip } from "./describe";

const round = z.strictObject({ round: z.exactOptional(z.string()) });
const named = "With `pictures`, as the round names them, the answer may be kept for good.";
const pictures = { pictures: z.exactOptional(z.string()) };

/** Routes of experiments. */
export const experimentRoutes = {
  "GET /api/experiments": {
    summary: "List experiments, the latest first",
    about:
      "`tag`, `status`, `strategy`, `dataset` and `task` may be repeated. With `limit`, the header `link` leads to the next page; `x-total-count` says how many there are in all.",
    query: experimentQuery,
    answer: list("Experiment"),
  },
  "GET /api/experiment-list": {
    summary: "List experiments in short, those of a group together",
    about:
      "`tag`, `status`, `strategy`, `dataset` and `task` may be repeated. `sort` names a column, with a dash before it from the last to the first.",
    query: listQuery,
    answer: one("ExperimentList"),
  },
  "POST /api/experiments": {
    summary: "Make an experiment, which waits to be started",
    about: "Everything but the name has a default ([settings](settings.md)).",
    body: experimentConfig,
    answer: one("Experiment", 201),
  },
  "GET /api/experiments/:id": {
    summary: "Give an experiment as it is now",
    answer: one("Experiment"),
  },
  "DELETE /api/experiments/:id": {
    summary: "Delete an experiment with everything in it",
    answer: nothing,
  },
  "POST /api/experiments/:id/start": {
    summary: "Start an experiment: its first round begins once enough clients are ready",
    about: "Where its teacher costs money, whoever starts or resumes it must be allowed to spend.",
    answer: one("Experiment"),
    errors: ["conflict"],
  },
  "POST /api/experiments/:id/pause": {
    summary: "Pause an experiment",
    answer: one("Experiment"),
    errors: ["conflict"],
  },
  "POST /api/experiments/:id/resume": {
    summary: "Go on with what was paused or has failed",
    answer: one("Experiment"),
    errors: ["conflict"],
  },
  "POST /api/experiments/:id/rounds": {
    summary: "Add rounds to an experiment that has not finished",
    body: addedRounds,
    answer: one("Experiment"),
    errors: ["conflict"],
  },
  "POST /api/experiments/:id/clone": {
    summary: "Make a new experiment with its settings and some others",
    about: "`changes` has values by the path of a setting, such as `strategyConfig.items`.",
    body: cloneSchema,
    answer: one("Experiment", 201),
  },
  "POST /api/sweeps": {
    summary: "Make an experiment of every combination of settings and seeds, as one group",
    about:
      "`grid` has lists of values by the path of a setting. A file that `npm run simulate` takes is a body, too.",
    body: sweepSchema,
    answer: list("Experiment", 201),
    errors: ["conflict"],
  },
  "PATCH /api/experiments/:id/labels": {
    summary: "Change its tags, note, group, or whether it is archived",
    body: labelChange,
    answer: one("Experiment"),
  },
  "POST /api/experiments/:id/clients/:client/remove": {
    summary: "Send a client away for good",
    about: "`address`: newcomers of its network address are kept out too.",
    body: removal,
    answer: one("Experiment"),
  },
  "POST /api/experiments/:id/clients/:client/erase": {
    summary: "Erase what is kept of a client",
    answer: one("Experiment"),
  },
  "DELETE /api/experiments/:id/kept-out/:keptOut": {
    summary: "Let newcomers of an address in again",
    answer: nothing,
  },
  "GET /api/experiments/:id/invitations": {
    summary: "List its invitations, without their secrets",
    answer: list("Invitation"),
  },
  "POST /api/experiments/:id/invitations": {
    summary: "Make an invitation, whose secret is shown this once",
    about: "People open `/join/ID#SECRET`.",
    body: newInvitation,
    answer: one("NewInvitation", 201),
    errors: ["conflict", "full"],
  },
  "DELETE /api/experiments/:id/invitations/:invitation": {
    summary: "Revoke an invitation; whoever is in stays",
    answer: nothing,
  },
  "GET /api/experiments/:id/applicants": {
    summary: "List who waits to be let in",
    answer: list("Applicant"),
  },
  "POST /api/experiments/:id/applicants/:applicant": {
    summary: "Let somebody in, or refuse them",
    body: decision,
    answer: nothing,
  },
  "GET /api/experiments/:id/joining": {
    summary: "Say what somebody should know before joining",
    answer: one("Joining"),
  },
  "GET /api/experiments/:id/rounds/:round/gallery": {
    summary: "Say what a round's pictures show",
    answer: one("Gallery"),
  },
  "GET /api/experiments/:id/rounds/:round/sheet.png": {
    summary: "Give a round's pictures as one",
    about: `${named} \`part\`: one of the parts that they come in, from 0.`,
    query: z.strictObject({ ...pictures, part: z.exactOptional(z.string()) }),
    answer: png,
  },
  "GET /api/experiments/:id/rounds/:round/lessons.png": {
    summary: "Give what the teacher paints after each lesson as one picture",
    about: `${named} \`row\`: the base's row alone, or the latest.`,
    query: z.strictObject({ ...pictures, row: z.exactOptional(z.enum(["base", "latest"])) }),
    answer: png,
  },
  "GET /api/experiments/:id/curves": {
    summary: "Give each client's accuracy by round",
    answer: one("Curves"),
  },
  "GET /api/experiments/:id/events": {
    summary: "Give a page of what has happened in it, the latest first",
    query: logQuery,
    answer: one("EventLog"),
  },
  "GET /api/experiments/:id/local-only": {
    summary: "Find the latest run of the same places without federation",
    about: "`null` where there is none.",
    answer: one("LocalOnly"),
  },
  "GET /api/experiments/:id/metrics.jsonl": {
    summary: "Give its metrics as they are kept, an object a line",
    about: "`null` is a number that is not finite. `export` has more of each.",
    answer: media("application/x-ndjson"),
  },
  "GET /api/experiments/:id/export": {
    summary: "Give its metrics or all of it as a file ([formats](#exports))",
    query: exportQuery,
    answer: media("*/*"),
    errors: ["conflict", "unavailable"],
  },
  "POST /api/experiments/import": {
    summary: "Take in an archive of an experiment of another server, all of it or nothing",
    about:
      "It keeps its id, and is a record: nobody can join it, and it does not go on. One import at a time.",
    body: "zip",
    answer: one("Experiment", 201),
    errors: ["bad-data", "conflict", "full", "not-supported", "too-large", "too-many"],
  },
  "GET /api/experiments/:id/adapters": {
    summary: "List the rounds that have left an adapter of the teacher",
    about: "Of one round where `round` names it, which costs less than to look at all.",
    query: round,
    answer: list("Adapter"),
  },
  "GET /api/experiments/:id/adapter.zip": {
    summary: "Give what a round has taught the teacher, as a LoRA for diffusers and PEFT",
    about: "The last round that has one, unless `round` names another.",
    query: round,
    answer: zip,
  },
  "GET /api/experiments/:id/painting": {
    summary: "Say what its teacher paints for people, and for how much",
    answer: one("PaintingTerms"),
    errors: ["not-supported"],
  },
  "POST /api/experiments/:id/paintings": {
    summary: "Ask its teacher to paint a prompt",
    about: "Without a round that has taught it, and with it.",
    body: painting,
    answer: one("Painting", 202),
    errors: ["conflict", "full", "not-supported", "too-many"],
  },
  "GET /api/experiments/:id/paintings/:painting": {
    summary: "Say how far a painting is",
    answer: one("Painting"),
  },
  "GET /api/experiments/:id/paintings/:painting/sheet.png": {
    summary: "Give what was painted",
    answer: png,
  },
  "DELETE /api/experiments/:id/paintings/:painting": {
    summary: "Cancel a painting",
    answer: nothing,
  },
} as const satisfies Readonly<Record<string, Described>>;
