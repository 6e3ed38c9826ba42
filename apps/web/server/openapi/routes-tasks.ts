import { preparation } from "@tandem/protocol/preparation";
import { preview } from "@tandem/protocol/preview";
import { task } from "@tandem/protocol/task";
import * as z from "zod/mini";
import { type Described, list, nothing, one, png, zip } from "./describe";

const keep = z.strictObject({ keep: z.exactOptional(z.array(z.enum(["public", "test"]))) });
const copied = z.extend(keep, { from: z.exactOptional(z.string()) });
const upload = ["bad-data", "too-large", "conflict"] as const;

/** Routes of tasks, and of what their teachers paint before there is an experiment. */
export const taskRoutes = {
  "GET /api/tasks": {
    summary: "List what an experiment can be on: shipped data sets, then tasks, the latest first",
    answer: list("Task"),
  },
  "POST /api/tasks": {
    summary: "Make a task ([fields](tasks.md#definition))",
    body: task,
    answer: one("Task", 201),
  },
  "POST /api/tasks/import": {
    summary: "Make a task of its zip",
    about: "With `from` and `keep`, sets of that task are the new one's, too.",
    query: copied,
    body: "zip",
    answer: one("TaskUpload", 201),
    errors: upload,
  },
  "POST /api/tasks/:id/import": {
    summary: "Replace a task by its zip",
    about: "Sets that `keep` names stay.",
    query: keep,
    body: "zip",
    answer: one("TaskUpload"),
    errors: upload,
  },
  "GET /api/tasks/:id": {
    summary: "Give a task",
    about: "Which experiments are on it is for viewers.",
    answer: one("Task"),
  },
  "PUT /api/tasks/:id": {
    summary: "Change a task that no experiment is on",
    body: task,
    answer: one("Task"),
    errors: ["conflict"],
  },
  "DELETE /api/tasks/:id": {
    summary: "Remove a task that no experiment is on",
    answer: nothing,
    errors: ["conflict"],
  },
  "POST /api/tasks/:id/public": {
    summary: "Give it a public set, in folders of classes",
    body: "zip",
    answer: one("TaskUpload"),
    errors: upload,
  },
  "DELETE /api/tasks/:id/public": {
    summary: "Take its public set away",
    answer: one("Task"),
    errors: ["conflict"],
  },
  "POST /api/tasks/:id/test": {
    summary: "Give it a test set, in folders of classes",
    body: "zip",
    answer: one("TaskUpload"),
    errors: upload,
  },
  "DELETE /api/tasks/:id/test": {
    summary: "Take its test set away",
    answer: one("Task"),
    errors: ["conflict"],
  },
  "GET /api/tasks/:id/export.zip": { summary: "Give a task with its sets as a zip", answer: zip },
  "GET /api/tasks/:id/sheet.png": { summary: "Show pictures of its public set", answer: png },
  "GET /api/tasks/:id/prepare": {
    summary: "Say how far the base is that is trained from its public set",
    answer: one("Preparation"),
  },
  "POST /api/tasks/:id/prepare": {
    summary: "Train a base from its public set, or go on with one",
    body: preparation,
    answer: one("Preparation", 202),
    errors: ["conflict"],
  },
  "DELETE /api/tasks/:id/prepare": {
    summary: "Stop the training; it can go on from there",
    answer: one("Preparation"),
  },
  "GET /api/tasks/:id/prepare/sheet.png": { summary: "Show what the base paints", answer: png },

  "POST /api/previews": {
    summary: "Ask what a teacher paints for prompts",
    about: "Where it has not been painted before, this needs whoever may spend.",
    body: preview,
    answer: one("Preview"),
    errors: ["full"],
  },
  "GET /api/previews/:id": { summary: "Say how far a preview is", answer: one("Preview") },
  "DELETE /api/previews/:id": { summary: "Stop a preview", answer: one("Preview") },
  "GET /api/previews/:id/sheet.png": { summary: "Give what was painted", answer: png },
} as const satisfies Readonly<Record<string, Described>>;
