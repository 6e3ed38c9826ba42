import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import type { TaskOptions, Teacher } from "@tandem/core/teacher";
import type { FromTeacher, Job } from "./messages";
import type { TeacherOptions } from "./teacher";

type Waiting = {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly progress: TaskOptions["progress"];
};
type Running = {
  readonly child: ChildProcess;
  readonly ready: Extract<FromTeacher, { type: "ready" }>;
};

/**
 * The teacher in a child process. If it dies, the jobs it had reject with `unavailable` and the next
 * job starts it again.
 */
export async function startTeacherProcess(options: Partial<TeacherOptions> = {}): Promise<Teacher> {
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let closed = false;
  let running: Promise<Running> | undefined;

  const start = () =>
    new Promise<Running>((resolve, reject) => {
      const child = fork(
        fileURLToPath(new URL("./main.ts", import.meta.url)),
        [JSON.stringify(options)],
        {
          execArgv: ["--import", "tsx"],
          serialization: "advanced",
          stdio: ["ignore", "inherit", "pipe", "ipc"],
        },
      );
      let complaint = "";
      child.stderr?.on("data", (chunk) => {
        complaint = `${complaint}${chunk}`.slice(-4000);
      });
      child.on("message", (message: FromTeacher) => {
        if (message.type === "ready") return resolve({ child, ready: message });
        const job = waiting.get(message.id);
        if (message.type === "progress") return job?.progress?.(message.fraction, message.note);
        waiting.delete(message.id);
        if (message.type === "done") job?.resolve(message.result as never);
        else
          job?.reject(
            message.code
              ? new TandemError(message.code, message.message)
              : new Error(message.message),
          );
      });
      child.once("exit", (code, signal) => {
        running = undefined;
        const why = `The teacher process ended (${signal ?? `exit ${code}`}). ${complaint}`.trim();
        reject(new TandemError("unavailable", why));
        for (const job of waiting.values()) job.reject(new TandemError("unavailable", why));
        waiting.clear();
      });
    });

  const started = () => {
    if (closed) throw new TandemError("unavailable", "The teacher has been closed.");
    running ??= start();
    return running;
  };

  const call =
    <T>(job: Job) =>
    async (request: unknown, task: TaskOptions = {}): Promise<T> => {
      const { child } = await started();
      const id = next++;
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, {
          resolve: resolve as (result: never) => void,
          reject,
          progress: task.progress,
        });
        const cancel = () => child.connected && child.send({ type: "cancel", id });
        if (task.signal?.aborted) cancel();
        task.signal?.addEventListener("abort", cancel, { once: true });
        child.send({ type: "job", id, job, request });
      });
    };

  const { ready } = await started();
  return {
    publicSet: ready.publicSet,
    imageSize: ready.imageSize,
    dimension: ready.dimension,
    generate: call("generate"),
    finetune: call("finetune"),
    encode: call("encode"),
    distil: call("distil"),
    evaluate: call("evaluate"),
    async close() {
      closed = true;
      const { child } = (await running) ?? {};
      if (!child || child.exitCode !== null) return;
      child.disconnect();
      await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}
