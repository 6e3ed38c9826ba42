import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { codeOf, type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";

/** One job of a process of its own. Job and result travel as JSON. */
export type ChildWork<Job, Result> = (job: Job, note: (text: string) => void) => Promise<Result>;

type FromChild =
  | { readonly type: "progress"; readonly note: string }
  | { readonly type: "done"; readonly result: unknown }
  | { readonly type: "failed"; readonly code?: ErrorCode; readonly message: string };

/**
 * Has the process of `module` do the job that it serves, so that this one can tell of progress and
 * hear Ctrl-C meanwhile. Aborting ends it at once and rejects with `cancelled`. What it throws keeps
 * its code, and is followed by the last of what was printed; a process that ends is `unavailable`.
 */
export async function runInChild<Work extends ChildWork<never, unknown>>(
  module: URL,
  job: Parameters<Work>[0],
  options: { readonly signal: AbortSignal; readonly note: (text: string) => void },
): Promise<Awaited<ReturnType<Work>>> {
  const { signal, note } = options;
  const stopped = () => new TandemError("cancelled", "stopped: nothing was written");
  if (signal.aborted) throw stopped();
  const child = fork(fileURLToPath(module), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const streams = [child.stdout, child.stderr];
  let output = "";
  for (const stream of streams)
    stream?.on("data", (chunk) => {
      output = `${output}${chunk}`.slice(-2000);
    });
  // What it has started notices that it is alone, and ends as well.
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  process.once("exit", kill);
  try {
    return await new Promise<Awaited<ReturnType<Work>>>((resolve, reject) => {
      const fail = (why: string, code?: ErrorCode) => {
        const text = `${why}\n${output}`.trim();
        reject(signal.aborted ? stopped() : code ? new TandemError(code, text) : new Error(text));
      };
      child.on("message", (message: FromChild) => {
        if (message.type === "progress") note(message.note);
        // The process serves `Work` and nothing else.
        else if (message.type === "done") resolve(message.result as Awaited<ReturnType<Work>>);
        else fail(message.message, message.code);
      });
      child.once("error", (error) => fail(error.message, "unavailable"));
      child.once("exit", async (code, by) => {
        if (!signal.aborted) await Promise.race([once(child, "close"), sleep(lastWordsMs)]);
        fail(`its process ended with ${by ?? code}`, "unavailable");
      });
      child.send(job, (error) => {
        if (error) fail(`its process took no job: ${error.message}`, "unavailable");
      });
    });
  } finally {
    signal.removeEventListener("abort", kill);
    process.off("exit", kill);
    if (child.connected) child.disconnect();
    for (const stream of streams) stream?.destroy(); // what it has started may hold them still
  }
}

/** Until the output of a process that has ended is given up on: others may hold its streams open. */
const lastWordsMs = 1000;

/** Serves one job to the parent, which decides when this process ends. */
export function serveJob<Job, Result>(work: ChildWork<Job, Result>): void {
  const send = (message: FromChild) => process.send?.(message);
  process.once("disconnect", () => process.exit(0));
  process.on("SIGINT", () => {}); // a terminal tells both, and the parent decides
  process.once("message", async (job: Job) => {
    try {
      const result = await work(job, (text) => send({ type: "progress", note: text }));
      send({ type: "done", result });
    } catch (error) {
      const code = codeOf(error);
      send({ type: "failed", ...(code && { code }), message: messageOf(error) });
    }
  });
}
