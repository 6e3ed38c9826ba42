import type { StrategyView } from "@tandem/protocol/view";
import type { AnyStrategy } from "@tandem/strategies/registry";

export const strategyView = (strategy: AnyStrategy): StrategyView => {
  const { name, title, summary, source, needs, schema } = strategy;
  const { teacher, equalArchitectures, modalities, readsPixels, sendsWeights } = needs;
  return {
    name,
    title,
    summary,
    source,
    schema,
    adapters: strategy.server(strategy.parse({})).adapter !== undefined,
    needs: {
      teacher,
      equalArchitectures,
      modalities,
      ...(readsPixels && { readsPixels }),
      ...(sendsWeights && { sendsWeights }),
    },
  };
};
