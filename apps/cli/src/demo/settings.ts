import type { ExperimentConfig } from "@tandem/core/experiment";

/**
 * All that decides how long the demo takes: within 10 minutes on two cores after set-up. Whoever changes
 * it measures the control again (`npm run demo -- --control`).
 */
export const sizes = { rounds: 5, clients: 6 } as const;

/** What the demo and its control have in common. */
export const experimentOf = (clients: number) =>
  ({
    dataset: "emoji-domain",
    seed: 1,
    slots: Math.max(12, clients),
  }) satisfies Partial<ExperimentConfig>;

/** Of FedMMKT: without candidates the set is painted in a quarter of the time. */
export const strategyConfig = {
  localEpochs: 2,
  candidates: 1,
} satisfies ExperimentConfig["strategyConfig"];

/** Clients that never met have more local epochs, as they learn from nothing else. */
const alone = { localEpochs: 10 };
export const controlLabel = `Clients that never met, ${alone.localEpochs} local epochs instead of ${strategyConfig.localEpochs}`;

export const controlOf = (clients: number) => ({
  ...experimentOf(clients),
  strategy: "local",
  strategyConfig: alone,
});
