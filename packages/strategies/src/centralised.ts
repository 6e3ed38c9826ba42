import type { Strategy } from "@tandem/core/strategy";
import { local } from "./local";
import type { LocalTraining } from "./training/client-steps";

/**
 * The upper bound: each model trains on the samples of all. `needs.pooledData` has a simulation give
 * everybody's samples to every place; a server of real clients refuses it.
 */
export const centralised: Strategy<LocalTraining> = {
  name: "centralised",
  title: "Centralised",
  summary:
    "Every model trains on the private samples of all clients: not federated, and so for simulations alone. What federation can hope for.",
  source: "Upper bound of federated comparisons, e.g. McMahan et al., arXiv 1602.05629",
  disclosure:
    "It would need your samples themselves. No tab gives them away, so it runs on simulated clients alone.",
  needs: { ...local.needs, pooledData: true },
  config: local.config,
  server: local.server,
  client: local.client,
};
