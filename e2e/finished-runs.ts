import { initialRound } from "@tandem/coordinator/round/round-state";
import type { ExperimentConfig } from "@tandem/core/experiment";
import { clientId, experimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { createRng } from "@tandem/core/rng";
import type { ExperimentStore } from "@tandem/core/stores";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { strategyNamed } from "@tandem/strategies/registry";

type Labels = { readonly group?: string; readonly tags?: readonly string[] };

const modalities = ["image", "text", "image-text"] as const;

/**
 * Keeps an experiment as a server has left it that ran all of its rounds: six clients, whose accuracy
 * rises to about `last`. The same for the same id.
 */
export async function keepFinished(
  store: ExperimentStore,
  id: string,
  config: Partial<ExperimentConfig> & { readonly name: string; readonly strategy: string },
  { last, bytes, ...labels }: Labels & { readonly last: number; readonly bytes: number },
): Promise<void> {
  const parsed = experimentConfig.parse({ dataset: "emoji-style", ...config });
  const strategyConfig = strategyNamed(parsed.strategy).parse(config.strategyConfig ?? {});
  const { rounds } = parsed;
  const rng = createRng(id);
  const startedAt = Date.UTC(2026, 10, 1);
  const clients = modalities.flatMap((modality, i) =>
    [2 * i, 2 * i + 1].map((slot) => ({
      id: clientId(`${id}-${slot}`),
      tokenHash: `${id}${slot}`.padEnd(64, "0"),
      ...{ slot, modality, name: `Client ${slot}`, architecture: "mlp" },
      ...{ samples: 100, source: "noto", device: "wasm", joinedAt: startedAt },
      ...{ bytesUp: rounds * bytes, bytesDown: 2 * rounds * bytes },
    })),
  );
  const kept = Array.from({ length: rounds }, (_, i) => {
    const round = i + 1;
    const reached = last * (1 - Math.exp((-4 * round) / rounds)) + 0.02 * rng.uniform();
    const scores = clients.map(({ slot }) => Math.min(1, reached + 0.01 * (slot - 2.5)));
    const meanOf = (some: readonly number[]) => some.reduce((a, b) => a + b, 0) / some.length;
    const at = startedAt + i * 60_000;
    return {
      record: {
        round,
        phases: [
          { phase: "recruiting" as const, at },
          { phase: "collecting" as const, at: at + 5_000 },
        ],
        endedAt: at + 20_000 + Math.round(10_000 * last),
        ...{ cohort: clients.map((one) => one.id), uploads: clients.length, refused: 0 },
        ...{ bytesUp: clients.length * bytes, bytesDown: 2 * clients.length * bytes },
      },
      metrics: [
        {
          round,
          metrics: {
            "accuracy/mean": meanOf(scores),
            ...Object.fromEntries(
              modalities.map((name, j) => [
                `accuracy/${name}`,
                meanOf(scores.slice(2 * j, 2 * j + 2)),
              ]),
            ),
            loss: 2 - reached,
          },
        },
        // As the last is all that a page shows of a client.
        ...(round === rounds
          ? clients.map((one, j) => ({ round, client: one.id, metrics: { accuracy: scores[j] } }))
          : []),
      ],
    };
  });
  await store.create({
    id: experimentId(id),
    config: { ...parsed, strategyConfig },
    status: "draft",
    state: initialRound as unknown as JsonObject,
    ...{ sequence: 0, createdAt: startedAt, updatedAt: startedAt },
    ...{ tags: labels.tags ?? [], note: "", group: labels.group ?? null, archived: false },
  });
  await store.commit(experimentId(id), {
    clients,
    rounds: kept.map(({ record }) => record),
    metrics: kept.flatMap(({ metrics }) => metrics),
    experiment: {
      status: "finished",
      state: { ...initialRound, status: "finished", round: rounds } as unknown as JsonObject,
    },
  });
}
