import { createHash } from "node:crypto";
import { TandemError } from "@tandem/core/errors";
import type { TaskStore } from "@tandem/core/stores";
import { toldOf } from "@tandem/core/told-error";
import type { PreviewRequest } from "@tandem/protocol/preview";
import type { PreviewView } from "@tandem/protocol/view";
import { startPreview } from "@tandem/teacher/preview-process";
import type { Environment } from "@tandem/teacher/remote";
import { checkTeacher, folderOfTeacher, type Painted } from "@tandem/teacher/task-teacher";
import type { Logger } from "pino";
import type { Spending } from "./accounts/spending";
import type { Bases } from "./bases";
import { createPreviewFolder, stampOf } from "./preview-folder";

/** Sheets that wait for their turn. */
const mostWaiting = 8;
/** Sheets that failed or were stopped, and are remembered. */
const mostEnded = 64;
const patienceMs = 10 * 60_000;

type Job = {
  state: "waiting" | "painting" | "stopped" | "failed";
  fraction: number;
  problem?: string;
  kill?: () => void;
};

/** What teachers paint for prompts, one sheet at a time, each kept by what it is made of. */
export function createPreviews(options: {
  readonly directory: string;
  readonly tasks: Pick<TaskStore, "get">;
  readonly bases: Pick<Bases, "require">;
  readonly environment: Environment;
  readonly spend: Spending["spend"];
  readonly log: Pick<Logger, "info" | "warn">;
  readonly threads?: number;
}) {
  const { directory, tasks, bases, environment, spend, log, threads = 1 } = options;
  const folder = createPreviewFolder(directory);
  const jobs = new Map<string, Job>();
  let queue = Promise.resolve();

  async function viewOf(id: string): Promise<PreviewView> {
    const job = jobs.get(id);
    if (job) {
      const { state, fraction, problem } = job;
      return { id, state, fraction, ...(problem !== undefined && { problem }) };
    }
    if (!(await folder.has(id))) return { id, state: "none", fraction: 0 };
    return { id, state: "done", fraction: 1, sheet: `/api/previews/${id}/sheet.png` };
  }

  /** Throws `bad-config`, `not-supported` or `conflict` for what cannot paint. */
  async function sourceOf({ teacher, size, task: id }: PreviewRequest) {
    const pictures = { size, colour: true, background: 255 };
    const task: Painted = { name: "this study", teacher, pictures };
    const isTrained = teacher.kind === "trained" && id !== undefined;
    const trained = isTrained ? await bases.require(await tasks.get(id)) : undefined;
    if (!isTrained) await checkTeacher(task, environment);
    return { task, trained };
  }

  async function idOf(
    { prompts, size }: PreviewRequest,
    path: string | undefined,
  ): Promise<string> {
    const { TANDEM_TEACHER_URL: url, TANDEM_TEACHER_MODEL: model } = environment;
    const of = path === undefined ? [url, model] : await stampOf(path);
    return createHash("sha256")
      .update(JSON.stringify([of, size, prompts]))
      .digest("hex");
  }

  async function paint(id: string, job: Job, source: Parameters<typeof startPreview>[0]) {
    if (job.state === "stopped") return;
    job.state = "painting";
    const { sheet, kill } = startPreview(source, (fraction) => {
      job.fraction = fraction;
    });
    job.kill = kill;
    const late = setTimeout(() => {
      job.problem = "it took longer than ten minutes: use a smaller model";
      kill();
    }, patienceMs);
    try {
      await folder.write(id, await sheet);
      jobs.delete(id);
    } catch (error) {
      if ((job.state as Job["state"]) === "stopped") return;
      log.warn({ err: error, preview: id }, "a preview could not be painted");
      job.state = "failed";
      job.problem ??= toldOf(error).message;
    } finally {
      clearTimeout(late);
    }
  }

  function forgetEnded(): void {
    const ended = [...jobs].filter(([, { state }]) => state === "failed" || state === "stopped");
    for (const [id] of ended.slice(0, Math.max(0, ended.length - mostEnded))) jobs.delete(id);
  }

  return {
    /** What there is of the sheet, which is begun unless the request says not to. Throws `too-many` where many wait. */
    async ask(request: PreviewRequest): Promise<PreviewView> {
      const source = await sourceOf(request);
      const path = folderOfTeacher(request.teacher, source.trained);
      const id = await idOf(request, path);
      const before = await viewOf(id);
      if (!request.begin || ["waiting", "painting", "done"].includes(before.state)) return before;
      const waiting = [...jobs.values()].filter(({ state }) => state === "waiting").length;
      if (waiting >= mostWaiting)
        throw new TandemError("too-many", `${waiting} sheets wait to be painted: try again later`);
      await spend("previews");
      if (request.teacher.kind === "remote") await spend("remote", request.prompts.length);
      const job: Job = { state: "waiting", fraction: 0 };
      jobs.delete(id);
      jobs.set(id, job);
      forgetEnded();
      queue = queue.then(() => paint(id, job, { ...source, prompts: request.prompts, threads }));
      return viewOf(id);
    },
    view: viewOf,
    /** Without effect on what is not being painted. */
    stop(id: string): Promise<PreviewView> {
      const job = jobs.get(id);
      if (job && job.state !== "failed") job.state = "stopped";
      job?.kill?.();
      return viewOf(id);
    },
    /** Throws `not-found` before it is done. */
    async sheet(id: string): Promise<Uint8Array> {
      if (await folder.has(id)) return folder.read(id);
      throw new TandemError("not-found", "this sheet has not been painted, or is no longer kept");
    },
    async close(): Promise<void> {
      for (const job of jobs.values()) {
        job.state = "stopped";
        job.kill?.();
      }
      await queue;
    },
  };
}

export type Previews = ReturnType<typeof createPreviews>;
