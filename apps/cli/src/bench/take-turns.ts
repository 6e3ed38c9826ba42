import { Bench } from "tinybench";

/** Runs once and tells how long that took, in ms. */
export type Timed = () => Promise<number>;

export type Candidate = { readonly name: string; readonly run: Timed };

export type Timing = {
  readonly name: string;
  readonly medianMs: number;
  readonly samples: number;
};

const fewest = 3;

/**
 * One warm-up each, then rounds in which every candidate runs once: what else the machine does meets
 * all alike. Who has used its share of the time sits out, but not before three runs.
 */
export async function takeTurns(
  candidates: readonly Candidate[],
  options: { readonly seconds: number; readonly note: (text: string) => void },
): Promise<readonly Timing[]> {
  const samples = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  const shareMs = (1000 * options.seconds) / candidates.length;
  const samplesOf = (name: string) => samples.get(name) ?? [];
  // What a run says that it took may be a part of it.
  const spentMs = new Map(candidates.map(({ name }) => [name, 0]));
  const unfinished = ({ name }: Candidate) =>
    samplesOf(name).length < fewest || (spentMs.get(name) ?? 0) < shareMs;
  for (const { name, run } of candidates) {
    options.note(`${name}, warming up`);
    await run();
  }
  for (let round = candidates; round.length > 0; round = round.filter(unfinished)) {
    const bench = new Bench({
      iterations: 1,
      time: 0,
      warmup: false,
      retainSamples: true,
      throws: true,
    });
    for (const { name, run } of round)
      bench.add(name, async () => {
        options.note(name);
        const started = performance.now();
        const overriddenDuration = await run();
        const spent = Math.max(overriddenDuration, performance.now() - started);
        spentMs.set(name, (spentMs.get(name) ?? 0) + spent);
        return { overriddenDuration };
      });
    await bench.run();
    for (const { name, result } of bench.tasks)
      if (result.state === "completed") samplesOf(name).push(...(result.latency.samples ?? []));
  }
  return candidates.map(({ name }) => ({
    name,
    medianMs: median(samplesOf(name)),
    samples: samplesOf(name).length,
  }));
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("median of nothing");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
