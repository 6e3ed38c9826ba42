import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ExperimentView } from "./view";
import { changedView, createTeller, type ViewChange } from "./view-change";

const item = (key: string) =>
  fc.record({ [key]: fc.nat(3), note: fc.constantFrom("a", "b") }, { requiredKeys: [key] });
/** What matters of a view here: fields that come and go, and lists that grow, shrink and change. */
const views = fc.array(
  fc.record(
    {
      id: fc.constant("e1"),
      round: fc.nat(2),
      config: fc.record({ name: fc.constantFrom("a", "b") }),
      group: fc.constantFrom(null, "g"),
      error: fc.constantFrom("bad", "worse"),
      measuredOn: fc.constantFrom("public", "held-out"),
      clients: fc.array(item("id"), { maxLength: 4 }),
      rounds: fc.array(item("round"), { maxLength: 4 }),
    },
    { requiredKeys: ["id", "round", "config", "group", "clients", "rounds"] },
  ),
  { minLength: 1, maxLength: 6 },
) as unknown as fc.Arbitrary<readonly ExperimentView[]>;

const sent = <T>(body: T): T => JSON.parse(JSON.stringify(body));

it("a view and its changes, sent as JSON, are each view in turn", () => {
  fc.assert(
    fc.property(views, (all) => {
      const tell = createTeller();
      let shown: ExperimentView | undefined;
      for (const [i, view] of all.entries()) {
        const [what, body] = sent(tell(view));
        if (what === "change") expect(body.number).toBe(i);
        shown = what === "view" ? body : changedView(shown as ExperimentView, body);
        expect(shown).toEqual(view);
      }
    }),
  );
});

it("what has not changed is not sent, and stays the same object", () => {
  const rounds = [1, 2, 3].map((round) => ({ round, uploads: 0 }));
  const view = { id: "e1", round: 3, config: {}, clients: [], rounds } as unknown as ExperimentView;
  const tell = createTeller();
  tell(view);
  const later = { ...sent(view), round: 4 } as ExperimentView;
  const [, change] = tell({ ...later, rounds: [...later.rounds, { round: 4 }] } as ExperimentView);
  expect(change).toEqual({
    ...{ id: "e1", number: 1, fields: { round: 4 }, absent: [] },
    ...{ clients: { length: 0, items: [] }, rounds: { length: 4, items: [[3, { round: 4 }]] } },
  });
  const shown = changedView(view, change as ViewChange);
  expect(shown.rounds[2]).toBe(rounds[2]);
  expect(shown.clients).toBe(view.clients);
});
