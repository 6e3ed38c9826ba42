import { strategies, strategyNamed } from "@tandem/strategies/registry";
import { expect, test } from "vitest";

test.each(strategies.map((strategy) => [strategy.name, strategy] as const))(
  "%s tells participants what leaves their tab, in short and in full",
  (_, strategy) => {
    const disclosure = strategy.disclosure(strategy.parse({}));
    expect(disclosure).toMatch(/^[A-Z].{40,}\.$/);
    expect(disclosure?.split(". ")[0].length).toBeLessThan(200);
  },
);

test("FedMMKT names critics only where there are any", () => {
  const told = (critics: string) => strategyNamed("fedmmkt").disclosure({ critics });
  for (const critics of ["clients", "random"]) expect(told(critics)).toMatch(/how much each looks/);
  for (const critics of ["server", "none"])
    expect(told(critics)).not.toMatch(/looks like yours|second small model|either model/);
});
