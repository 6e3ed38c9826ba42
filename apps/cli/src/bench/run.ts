import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BenchJob, BenchReports, FromBench } from "./process";

/**
 * Works in a process of its own, so that this one can tell of progress and hear Ctrl-C while an
 * engine computes.
 */
export function runBench<K extends keyof BenchReports>(
  job: BenchJob & { readonly kind: K },
): Promise<BenchReports[K]> {
  const say = progress(process.stderr);
  const child = fork(fileURLToPath(new URL("./process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
  });
  const stop = () => {
    child.kill("SIGKILL");
    say.end("stopped: nothing was written");
    process.exit(130);
  };
  process.once("SIGINT", stop);
  return new Promise<BenchReports[K]>((resolve, reject) => {
    child.on("message", (message: FromBench) => {
      if (message.type === "progress") say.note(message.note);
      // The process answers the job that it was given.
      else if (message.type === "done") resolve(message.report as BenchReports[K]);
      else reject(new Error(message.message));
    });
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      reject(new Error(`the benchmark's process ended with ${signal ?? code}`)),
    );
    child.send(job);
  }).finally(() => {
    process.off("SIGINT", stop);
    child.disconnect();
    say.end();
  });
}

/** Every 1.5 s the latest note and how long it has lasted: drawn over on a terminal, else a line. */
export function progress(stream: Pick<NodeJS.WriteStream, "write" | "isTTY">) {
  let [text, since] = ["starting", performance.now()];
  const draw = () => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    stream.write(stream.isTTY ? `\r\x1b[2K${text} · ${seconds} s` : `${text} · ${seconds} s\n`);
  };
  const timer = setInterval(draw, 1500);
  return {
    note(next: string) {
      [text, since] = [next, performance.now()];
    },
    end(last?: string) {
      clearInterval(timer);
      stream.write(`${stream.isTTY ? "\r\x1b[2K" : ""}${last ? `${last}\n` : ""}`);
    },
  };
}
