import type { Coordinator } from "@tandem/coordinator/coordinator";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import { toldOf } from "@tandem/core/told-error";
import { adapterZip } from "@tandem/diffusion/lora/adapter-zip";
import { readPeft } from "@tandem/diffusion/lora/peft";
import type { AdapterView } from "@tandem/protocol/view";
import { fileName } from "./requests";

/** The adapters of an experiment's rounds as files to download. */
export function createAdapters({ view, adapter }: Pick<Coordinator, "view" | "adapter">) {
  /** By experiment and round; what a round has ended with never changes. */
  const known = new Map<string, AdapterView>();

  /** Throws what `readPeft` does, with the round before it. */
  async function zip(id: ExperimentId, round: number): Promise<Uint8Array | undefined> {
    const arrays = await adapter(id, round);
    try {
      return arrays && adapterZip(readPeft(arrays));
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      const message = `The adapter of round ${round} cannot be read: ${error.message}`;
      throw new TandemError(error.code, message, { cause: error });
    }
  }

  /** Of all rounds or of one. A round whose adapter cannot be read hides none of the others. */
  async function list(id: ExperimentId, only?: number): Promise<readonly AdapterView[]> {
    const found: AdapterView[] = [];
    for (const { round, endedAt } of (await view(id)).rounds) {
      if (endedAt === undefined || (only !== undefined && only !== round)) continue;
      const key = `${id}/${round}`;
      const row = known.get(key) ?? (await rowOf(id, round));
      if (!row) continue;
      if ("bytes" in row) known.set(key, row); // what stands in the way may go away
      found.push(row);
    }
    return found;
  }

  async function rowOf(id: ExperimentId, round: number): Promise<AdapterView | undefined> {
    try {
      const bytes = (await zip(id, round))?.length;
      return bytes === undefined ? undefined : { round, bytes };
    } catch (error) {
      if (error instanceof TandemError) return { round, problem: toldOf(error).message };
      throw error;
    }
  }

  /** What the last round that has taught the teacher has left of it; undefined before one has. */
  async function latest(id: ExperimentId) {
    const ended = (await view(id)).rounds.filter(({ endedAt }) => endedAt !== undefined);
    for (const { round } of ended.toReversed()) {
      const arrays = await adapter(id, round);
      if (arrays) return { round, arrays };
    }
    return undefined;
  }

  /** Of the last round that has one unless a round is named; throws `not-found`. */
  async function download(id: ExperimentId, wanted?: number) {
    const { config } = await view(id);
    const round = wanted ?? (await list(id)).at(-1)?.round;
    const bytes = round && (await zip(id, round));
    if (bytes)
      return { bytes, name: `${fileName(config.name, "experiment")}-round-${round}-adapter.zip` };
    const others = (await list(id)).flatMap((other) => ("bytes" in other ? [other.round] : []));
    throw new TandemError(
      "not-found",
      others.length > 0
        ? `Round ${wanted} of “${config.name}” has no adapter: use one of ${others.join(", ")}.`
        : `“${config.name}” has no adapter: there is one once a round has ended in which its strategy, ${config.strategy}, has taught the teacher.`,
    );
  }

  return { list, latest, download };
}
