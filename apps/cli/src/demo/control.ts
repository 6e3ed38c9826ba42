import { readFile, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { ExperimentView } from "@tandem/protocol/view";
import { controlOf } from "./settings";

/** What the same clients reach that never meet, measured once: the file `control.json`. */
export type Control = {
  /** What measures it again. */
  readonly command: string;
  readonly config: ReturnType<typeof controlOf>;
  readonly clients: number;
  /** Their mean after each round. */
  readonly accuracies: readonly number[];
};

const file = new URL("./control.json", import.meta.url);

export const readControl = async (): Promise<Control> => JSON.parse(await readFile(file, "utf8"));

/** After as many rounds of as many clients; undefined where that was not measured. */
export const controlAccuracy = (
  { config, clients: measured, accuracies }: Control,
  { rounds, clients }: { readonly rounds: number; readonly clients: number },
): number | undefined =>
  measured === clients && isDeepStrictEqual(config, controlOf(clients))
    ? accuracies[rounds - 1]
    : undefined;

/** Trains the clients alone, in this process, and writes the file; throws where one was not measured. */
export async function measureControl(options: {
  readonly rounds: number;
  readonly clients: number;
  readonly onView: (view: ExperimentView) => void;
  readonly signal: AbortSignal;
}): Promise<Control> {
  const { rounds, clients, onView, signal } = options;
  const config = controlOf(clients);
  const { runSimulation } = await import("../simulate/run"); // which the demo itself and --help do without
  const { view } = await runSimulation({
    config: { ...config, name: "Demo's control", rounds, deadlineMs: 3_600_000 },
    clients,
    onView,
    signal,
  });
  const accuracies = view.rounds.map(({ round, metrics }) => {
    const accuracy = metrics["accuracy/mean"];
    if (accuracy === undefined) throw new Error(`round ${round} has measured no accuracy`);
    return accuracy;
  });
  const command = `npm run demo -- --control --rounds ${rounds} --clients ${clients}`;
  const control: Control = { command, config, clients, accuracies };
  await writeFile(file, `${JSON.stringify(control, null, 2)}\n`);
  return control;
}
