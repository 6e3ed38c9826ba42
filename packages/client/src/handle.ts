import type { LabelledSet } from "@tandem/core/data";
import type { ClientModel, Trainer } from "@tandem/core/model";
import type { Payload } from "@tandem/core/payload";
import { heldInRound } from "@tandem/core/presence";
import { createRng } from "@tandem/core/rng";
import type { ClientHalf, ClientInfo, FitStage, Metrics } from "@tandem/core/strategy";
import type { Arrays } from "@tandem/core/tensor";
import { retrievalMetrics } from "./retrieval-metrics";

/** What carries over from round to round, as plain data: a tab stores it, a worker keeps many. */
export type ClientContext = {
  readonly client: ClientInfo;
  /** Absent before the first round: the model starts from its seed. */
  readonly weights?: Arrays;
  readonly memory: Payload;
};

/** What a host lends for the time of one round. */
export type ClientHost = {
  readonly strategy: ClientHalf;
  readonly trainer: Trainer;
  readonly createModel: () => ClientModel;
  readonly classes: readonly string[];
  readonly data: LabelledSet;
  readonly test: LabelledSet;
  /** Names the client's random numbers: the same stream and round give the same answer. */
  readonly stream: string;
  readonly signal: AbortSignal;
  readonly progress: (stage: FitStage, fraction: number, loss?: number) => void;
};

/** One round: context and instruction in, reply and context out. Keeps nothing. */
export async function handle(
  host: ClientHost,
  context: ClientContext,
  instruction: { readonly round: number; readonly payload: Payload },
): Promise<{
  readonly reply: { readonly update: Payload; readonly metrics: Metrics };
  readonly context: ClientContext;
}> {
  const model = host.createModel();
  try {
    if (context.weights) model.load(context.weights);
    const { update, memory, metrics } = await host.strategy.fit(
      {
        client: context.client,
        round: instruction.round,
        classes: host.classes,
        model,
        trainer: host.trainer,
        data: heldInRound(host.data, instruction.round),
        test: host.test,
        memory: context.memory,
        isFirst: context.weights === undefined,
        rng: createRng(`${host.stream}/${instruction.round}`),
        signal: host.signal,
        progress: host.progress,
      },
      instruction.payload,
    );
    const weights = await model.weights();
    const pairs =
      model.task === "classification"
        ? {}
        : await retrievalMetrics({ ...host, model }, host.signal);
    const reply = { update, metrics: { ...metrics, ...pairs } };
    return { reply, context: { client: context.client, weights, memory } };
  } finally {
    model.dispose();
  }
}
