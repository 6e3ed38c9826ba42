import type { Wanted } from "@tandem/coordinator/creation";
import { TandemError } from "@tandem/core/errors";
import { noLabels } from "@tandem/core/experiment";
import type { JsonObject } from "@tandem/core/json";
import { memberName, membersOf, parseSweep, requireRoom } from "@tandem/protocol/sweep";
import { type ExperimentFile, experimentOf } from "@tandem/simulation/experiment-file/file";
import { planRuns, type Run } from "@tandem/simulation/experiment-file/plan";

type Planned = Wanted & { readonly input: JsonObject };

/**
 * What a sweep makes, of a grid or of a file as `npm run simulate` takes it. Throws `bad-config` naming the
 * path of what is wrong.
 */
export function sweepOf(input: unknown): {
  readonly group: string;
  readonly wanted: readonly Planned[];
} {
  if (typeof input === "object" && input !== null && "runs" in input)
    return ofFile(experimentOf("sweep", input));
  const sweep = parseSweep(input);
  const labels = { ...noLabels, group: sweep.name };
  const wanted = membersOf(sweep).map(({ config, where }) => ({ input: config, labels, where }));
  return { group: sweep.name, wanted };
}

function ofFile(file: ExperimentFile) {
  const runs = planRuns("sweep", file);
  requireRoom(runs.length, file.seeds.length);
  const labels = { ...noLabels, group: file.name };
  const wanted = runs.flatMap((run, i) => {
    const where = `sweep: runs.${i} (${run.name})`;
    const config = configOf(run, where);
    return file.seeds.map((seed) => ({
      input: { ...config, name: memberName(file.name, run.name, seed), seed },
      labels,
      where,
    }));
  });
  return { group: file.name, wanted };
}

/** As real clients run it. */
function configOf(
  { config: { clients, attack, faults, ...config } }: Run,
  where: string,
): JsonObject {
  const simulated = attack ? "attack" : faults ? "faults" : undefined;
  if (simulated !== undefined)
    throw new TandemError(
      "bad-config",
      `${where}: ${simulated}: only virtual clients do that: leave it out, or run the file with npm run simulate.`,
    );
  const set = Object.entries(config).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), minClients: clients };
}
