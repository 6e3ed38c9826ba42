import { availableParallelism } from "node:os";
import { join } from "node:path";
import { messageOf, TandemError } from "@tandem/core/errors";
import { formatDuration, plural } from "@tandem/core/format";
import { loadDataset } from "@tandem/datasets/registry";
import { readExperiment } from "@tandem/simulation/experiment-file/file";
import {
  describeRetired,
  hashOf,
  isSameConfig,
  planRuns,
  type Run,
  retiredIn,
} from "@tandem/simulation/experiment-file/plan";
import { appendRecord, commitOf, readAllRecords } from "../experiments/record";
import { runInChild } from "../harness/child-job";
import { thisMachine } from "../harness/machine";
import { root } from "../harness/server-process";
import { inParallel } from "./in-parallel";
import type { Simulation } from "./process";

export type ExperimentRun = {
  readonly seeds?: readonly number[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly threads: number;
  readonly jobs?: number | undefined;
  readonly out: string;
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** As typed, for the record. */
  readonly command: string;
  readonly say: (line: string) => void;
};

/**
 * Runs what is not yet in `<out>/<experiment>.jsonl`, each run and seed in its own process. Throws
 * `unavailable` at the end if some failed, `cancelled` when stopped; what was finished is recorded.
 */
export async function simulateExperiment(path: string, options: ExperimentRun): Promise<void> {
  const { out, threads, signal, command, say } = options;
  const file = await readExperiment(path);
  const runs = runnable(path, choose(planRuns(path, file), options.only), options);
  for (const dataset of new Set(runs.map(({ config }) => config.dataset)))
    await loadDataset(dataset);
  const commit = await commitOf(root);
  const results = join(out, `${file.name}.jsonl`);
  // The same run of another file counts, under whatever name.
  const known = await readAllRecords(out);
  const isKnown = (run: Run, seed: number) =>
    known.some((old) => old.seed === seed && isSameConfig(old.config, run.config));

  // 1. Seed by seed, so that a table is complete as early as can be.
  const all = (options.seeds ?? file.seeds).flatMap((seed) => runs.map((run) => ({ run, seed })));
  const due = all.filter(({ run, seed }) => options.force || !isKnown(run, seed));
  const skipped = all.filter((job) => !due.includes(job));
  if (skipped.length > 0)
    say(
      `${plural(skipped.length, "job")} of ${all.length} with the same configuration ${skipped.length === 1 ? "is" : "are"} in ${out} already (--force repeats): ${skipped.map(({ run, seed }) => `${run.name}/${seed}`).join(", ")}`,
    );
  const parallel = options.jobs ?? Math.max(1, Math.floor(availableParallelism() / threads));
  if (due.length > 0) say(`${plural(due.length, "job")} to do, ${parallel} at a time`);

  // 2. A job that fails does not end the others.
  const failed: string[] = [];
  let [begun, recorded] = [0, 0];
  await inParallel(due, { parallel, signal }, async ({ run, seed }) => {
    const label = `[${++begun}/${due.length}] ${run.name}, seed ${seed}`;
    const { name, config } = run;
    const started = performance.now();
    say(`${label}: started, configuration ${hashOf(config)}`);
    try {
      const measured = await runInChild<Simulation>(
        new URL("./process.ts", import.meta.url),
        { name, seed, config, threads },
        { signal, note: (text) => say(`${label}: ${text}`) },
      );
      await appendRecord(results, {
        experiment: file.name,
        run: name,
        seed,
        hash: hashOf(config),
        config,
        ...measured,
        commit,
        command,
        threads,
        machine: thisMachine(),
      });
      recorded++;
      say(`${label}: recorded after ${formatDuration(performance.now() - started)}`);
    } catch (error) {
      if (signal.aborted) return;
      failed.push(`${name}, seed ${seed}`);
      say(`${label}: FAILED: ${messageOf(error)}`);
    }
  });

  // 3. What the exit code says.
  const done = `${recorded} of ${plural(due.length, "job")} recorded in ${results}`;
  if (signal.aborted)
    throw new TandemError("cancelled", `Stopped: ${done}; the same command does the rest.`);
  if (failed.length > 0)
    throw new TandemError("unavailable", `${done}; failed: ${failed.join("; ")}.`);
  say(due.length === 0 ? "nothing to do" : done);
}

/** Without runs of retired settings. Throws `bad-config` where one is asked for by name, or all are. */
function runnable(
  path: string,
  runs: readonly Run[],
  { only, say }: Pick<ExperimentRun, "only" | "say">,
): readonly Run[] {
  const retired = describeRetired(runs);
  if (!retired) return runs;
  const message = `${path}: cannot be run any more: ${retired}`;
  const left = runs.filter(({ config }) => retiredIn(config).length === 0);
  if (only || left.length === 0) throw new TandemError("bad-config", message);
  say(message);
  return left;
}

function choose(runs: readonly Run[], only: readonly string[] | undefined): readonly Run[] {
  const names = runs.map(({ name }) => name);
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new TandemError(
      "not-found",
      `--only: no run is named ${unknown.join(", ")}: use some of ${names.join(", ")}.`,
    );
  return only ? runs.filter(({ name }) => only.includes(name)) : runs;
}
