import type { ChildProcess } from "node:child_process";
import { closable } from "@tandem/core/closable-teacher";
import { TandemError } from "@tandem/core/errors";
import type { TaskOptions, Teacher } from "@tandem/core/teacher";
import { forkEntry, letGo } from "./fork";
import { errorOf, type FromTeacher, type Job, type ToTeacher } from "./messages";
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
export async function startTeacherProcess(
  options: Partial<TeacherOptions> & {
    /** Told the process id at each start. */
    readonly onStart?: (pid: number) => void;
    /** Told what it warns of, such as prompts that are cut. */
    readonly onNotice?: (text: string) => void;
  } = {},
): Promise<Teacher> {
  const { onStart, onNotice, ...teacherOptions } = options;
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let running: Promise<Running> | undefined;

  const start = () =>
    new Promise<Running>((resolve, reject) => {
      const { child, ended } = forkEntry("./main.ts");
      // A task's public set is too long for an argument.
      child.send({ type: "open", options: teacherOptions } satisfies ToTeacher, () => {});
      child.on("message", (message: FromTeacher) => {
        if (message.type === "ready") {
          onStart?.(child.pid ?? 0);
          return resolve({ child, ready: message });
        }
        if (message.type === "notice") return onNotice?.(message.text);
        if (message.type === "failed" && message.id === 0) {
          reject(errorOf(message));
          return child.disconnect();
        }
        const job = waiting.get(message.id);
        if (message.type === "progress") return job?.progress?.(message.fraction, message.note);
        waiting.delete(message.id);
        if (message.type === "done") job?.resolve(message.result as never);
        else job?.reject(errorOf(message));
      });
      ended.then((how) => {
        running = undefined;
        const why = `The teacher process ended ${how}`;
        reject(new TandemError("unavailable", why));
        for (const job of waiting.values()) job.reject(new TandemError("unavailable", why));
        waiting.clear();
      });
    });

  const started = () => {
    running ??= start();
    return running;
  };

  const call =
    <T>(job: Job) =>
    async (request: unknown, task: TaskOptions = {}): Promise<T> => {
      const { signal, progress } = task;
      const { child } = await started();
      if (signal?.aborted) throw new TandemError("cancelled", `${job} was cancelled`);
      const id = next++;
      const cancel = () => child.connected && child.send({ type: "cancel", id }, () => {});
      signal?.addEventListener("abort", cancel);
      const result = new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (result: never) => void, reject, progress });
        // Without a callback a channel that has just closed would be an uncaught error.
        child.send({ type: "job", id, job, request }, (error) => {
          if (error && waiting.delete(id))
            reject(new TandemError("unavailable", `The teacher process is gone: ${error.message}`));
        });
      });
      return result.finally(() => signal?.removeEventListener("abort", cancel));
    };

  const { ready } = await started();
  return closable({
    publicSet: ready.publicSet,
    imageSize: ready.imageSize,
    dimension: ready.dimension,
    abilities: ready.abilities,
    generate: call("generate"),
    finetune: call("finetune"),
    encode: call("encode"),
    distil: call("distil"),
    evaluate: call("evaluate"),
    async close() {
      const { child } = (await running?.catch(() => undefined)) ?? {};
      if (child) await letGo(child);
    },
  });
}
