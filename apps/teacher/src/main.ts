import { once } from "node:events";
import { unreachable } from "@tandem/core/errors";
import type { TaskOptions, Teacher } from "@tandem/core/teacher";
import { type FromTeacher, failureOf, type Job, type Opening, type ToTeacher } from "./messages";
import { createTeacher } from "./teacher";

// The teacher's own process: jobs come from the parent, one is worked on at a time.
const send = (message: FromTeacher) => process.send?.(message);
process.once("disconnect", () => process.exit(0));
process.once("SIGINT", () => {}); // the parent decides when to end

const [{ options }]: [Opening] = (await once(process, "message")) as [Opening]; // by `process.ts`
const teacher = await createTeacher(options, process.env, (text) =>
  send({ type: "notice", text }),
).catch((error: unknown) => {
  send({ type: "failed", id: 0, ...failureOf(error) });
  return new Promise<never>(() => {}); // the parent lets go
});
const unfinished = new Map<number, AbortController>();
let active: number | undefined;
let queue = Promise.resolve();

process.on("message", (message: Exclude<ToTeacher, Opening>) => {
  if (message.type === "cancel") {
    unfinished.get(message.id)?.abort();
    // A job that still waits for its turn is answered now.
    if (message.id !== active && unfinished.delete(message.id))
      send({
        type: "failed",
        id: message.id,
        code: "cancelled",
        message: "cancelled in the queue",
      });
    return;
  }
  const { id, job, request } = message;
  const abort = new AbortController();
  unfinished.set(id, abort);
  const task: TaskOptions = {
    signal: abort.signal,
    progress: (fraction, note) => send({ type: "progress", id, fraction, note }),
  };
  queue = queue.then(async () => {
    if (!unfinished.has(id)) return;
    active = id;
    try {
      send({ type: "done", id, result: await work(teacher, job, request, task) });
    } catch (error) {
      send({ type: "failed", id, ...failureOf(error) });
    } finally {
      unfinished.delete(id);
      active = undefined;
    }
  });
});

const { publicSet, imageSize, dimension, abilities } = teacher;
send({ type: "ready", publicSet, imageSize, dimension, abilities });

/** Requests come from the parent, which is the same code: their types hold. */
function work(worker: Teacher, job: Job, request: unknown, task: TaskOptions): Promise<unknown> {
  switch (job) {
    case "generate":
      return worker.generate(request as never, task);
    case "finetune":
      return worker.finetune(request as never, task);
    case "encode":
      return worker.encode(request as never, task);
    case "distil":
      return worker.distil(request as never, task);
    case "evaluate":
      return worker.evaluate(request as never, task);
    default:
      return unreachable(job);
  }
}
