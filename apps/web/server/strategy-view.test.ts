import { strategies } from "@tandem/strategies/registry";
import { expect, test } from "vitest";
import { strategyView } from "./strategy-view";

test.each(strategies.map((strategy) => [strategy.name, strategy] as const))(
  "%s tells participants what leaves their tab",
  (_, strategy) => {
    expect(strategyView(strategy).disclosure).toMatch(/^[A-Z].{40,}\.$/);
  },
);
