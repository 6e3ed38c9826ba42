import { expect } from "@playwright/test";
import { startFleet } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import type { ExperimentView } from "@tandem/protocol/view";
import { postgresPrograms } from "@tandem/storage/testing/postgres-server";
import { launch, ownServer, sharedServer, test, tiny, withoutTeacher } from "./harness";

const pair = [0, 1].map((slot) => ({ slot, backend: "wasm" as const, name: `Tab ${slot}` }));

const shared = sharedServer();

test("a tab that dies while it trains does not stall the round", async ({ browser }) => {
  const experiment = await launch(
    shared,
    withoutTeacher({
      minClients: 3,
      quorum: 0.6,
      deadlineMs: 15_000,
      strategyConfig: { localEpochs: 2, warmUpEpochs: 4 },
    }),
  );
  const trio = [...pair, { slot: 2, backend: "wasm" as const, name: "Tab 2" }];
  const fleet = await startFleet({ url: shared.url, experiment, clients: trio, browser });
  await follow(
    shared.api,
    experiment,
    ({ round, clients }) =>
      round === 1 && clients.some(({ slot, status }) => slot === 2 && status === "working"),
    { timeoutMs: 90_000 },
  );
  await fleet.kill(2);
  const view = await follow(shared.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 120_000,
  });
  const [first] = view.rounds;
  expect(first.cohort).toBe(3);
  expect(first.uploads).toBe(2);
  expect(view.clients.find(({ slot }) => slot === 2)?.status).toMatch(/away|left/);
  await fleet.close();
});

for (const database of ["PGlite", "PostgreSQL"])
  test.describe(`on ${database}`, () => {
    const postgres = database === "PostgreSQL";
    test.skip(postgres && !postgresPrograms(), "there is no PostgreSQL 15 or newer");
    const server = ownServer({ postgres });

    test("a server killed after a round, and while clients train, repeats nothing that is done", async ({
      browser,
    }) => {
      const experiment = await launch(server, postgres ? withoutTeacher() : tiny());
      const fleet = await startFleet({ url: server.url, experiment, clients: pair, browser });
      const until = (reached: (view: ExperimentView) => boolean) =>
        follow(server.api, experiment, reached, { timeoutMs: 120_000 });
      const roundOneEnded = await until(({ rounds }) =>
        rounds.some(({ round, endedAt }) => round === 1 && endedAt !== undefined),
      );
      await server.crash();
      const recovered = await server.api.view(experiment);
      expect(recovered.rounds[0]).toEqual(roundOneEnded.rounds[0]);

      await until(({ round, phase }) => round === 2 && phase === "collecting");
      await server.crash();
      const finished = await until(({ status }) => status === "finished");
      expect(finished.rounds.map(({ round }) => round)).toEqual([1, 2]);
      expect(finished.rounds[0]).toEqual(roundOneEnded.rounds[0]);
      expect(finished.rounds[1].uploads).toBe(2);
      const idsOf = ({ clients }: ExperimentView) => clients.map(({ id }) => id);
      expect(idsOf(finished)).toEqual(idsOf(roundOneEnded));
      await fleet.close();
    });
  });
