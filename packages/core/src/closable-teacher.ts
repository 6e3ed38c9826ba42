import { TandemError } from "./errors";
import type { TaskOptions, Teacher } from "./teacher";

/** Refuses jobs that are cancelled before they begin with `cancelled`, and all once it is closed with `unavailable`. */
export function closable(teacher: Teacher): Teacher {
  let closed: Promise<void> | undefined;
  const guarded =
    <Request, Result>(job: (request: Request, task?: TaskOptions) => Promise<Result>) =>
    async (request: Request, task: TaskOptions = {}): Promise<Result> => {
      if (closed)
        throw new TandemError("unavailable", "The teacher has been closed: start another.");
      if (task.signal?.aborted)
        throw new TandemError("cancelled", "The teacher's job was cancelled before it began.");
      return job(request, task);
    };
  return {
    ...teacher,
    generate: guarded(teacher.generate),
    finetune: guarded(teacher.finetune),
    encode: guarded(teacher.encode),
    distil: guarded(teacher.distil),
    evaluate: guarded(teacher.evaluate),
    close() {
      closed ??= teacher.close();
      return closed;
    },
  };
}
