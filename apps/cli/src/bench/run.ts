import { runInChild } from "../harness/child-job";
import type { Bench, BenchJob, BenchReports } from "./process";

/** Measures in a process of its own, and tells of progress on standard error. */
export async function runBench<K extends keyof BenchReports>(
  job: BenchJob & { readonly kind: K },
  signal: AbortSignal,
): Promise<BenchReports[K]> {
  const { note, end } = progress(process.stderr);
  try {
    const report = await runInChild<Bench>(new URL("./process.ts", import.meta.url), job, {
      signal,
      note,
    });
    return report as BenchReports[K]; // the process answers the job that it was given
  } finally {
    end();
  }
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
    end() {
      clearInterval(timer);
      if (stream.isTTY) stream.write("\r\x1b[2K");
    },
  };
}
