import { expect, test } from "@playwright/test";
import { postgresPrograms } from "@tandem/storage/postgres-server.contract";
import { follow } from "../apps/cli/src/api";
import { startFleet } from "./fleet";
import { launch, ownServer, tiny } from "./harness";

const pair = [0, 1].map((slot) => ({ slot, backend: "wasm" as const, name: `Tab ${slot}` }));

for (const database of ["PGlite", "PostgreSQL"])
  test.describe(`on ${database}`, () => {
    const postgres = database === "PostgreSQL";
    test.skip(postgres && !postgresPrograms(), "there is no PostgreSQL 15 or newer");
    const server = ownServer({ postgres });

    test("a tab that dies while it trains does not stall the round", async ({ browser }) => {
      const experiment = await launch(
        server,
        tiny({ minClients: 3, quorum: 0.6, deadlineMs: 15_000 }),
      );
      const trio = [...pair, { slot: 2, backend: "wasm" as const, name: "Tab 2" }];
      const fleet = await startFleet({ url: server.url, experiment, clients: trio, browser });
      await follow(
        server.api,
        experiment,
        ({ round, clients }) =>
          round === 1 && clients.some(({ slot, status }) => slot === 2 && status === "working"),
        { timeoutMs: 90_000 },
      );
      await fleet.kill(2);
      const view = await follow(server.api, experiment, ({ status }) => status === "finished", {
        timeoutMs: 120_000,
      });
      const [first] = view.rounds;
      expect(first.cohort).toBe(3);
      expect(first.uploads).toBe(2);
      expect(view.clients.find(({ slot }) => slot === 2)?.status).toMatch(/away|left/);
      await fleet.close();
    });

    test("a server killed between rounds goes on with what it had", async ({ browser }) => {
      const experiment = await launch(server, tiny({ rounds: 3 }));
      const fleet = await startFleet({ url: server.url, experiment, clients: pair, browser });
      const roundOneEnded = await follow(
        server.api,
        experiment,
        ({ rounds }) => rounds.some(({ round, endedAt }) => round === 1 && endedAt !== undefined),
        { timeoutMs: 120_000 },
      );
      await server.crash();
      const recovered = await server.api.view(experiment);
      expect(recovered.rounds[0]).toEqual(roundOneEnded.rounds[0]);
      const finished = await follow(server.api, experiment, ({ status }) => status === "finished", {
        timeoutMs: 120_000,
      });
      expect(finished.rounds.map(({ round }) => round)).toEqual([1, 2, 3]);
      expect(finished.rounds[0]).toEqual(roundOneEnded.rounds[0]);
      expect(finished.clients.map(({ id }) => id)).toEqual(
        roundOneEnded.clients.map(({ id }) => id),
      );
      await fleet.close();
    });

    test("a server killed while clients train repeats nothing that is done", async ({
      browser,
    }) => {
      const experiment = await launch(server, tiny());
      const fleet = await startFleet({ url: server.url, experiment, clients: pair, browser });
      const training = await follow(
        server.api,
        experiment,
        ({ round, phase }) => round === 2 && phase === "collecting",
        { timeoutMs: 120_000 },
      );
      await server.crash();
      const finished = await follow(server.api, experiment, ({ status }) => status === "finished", {
        timeoutMs: 120_000,
      });
      expect(finished.rounds[0]).toEqual(training.rounds[0]);
      expect(finished.rounds[1].uploads).toBe(2);
      await fleet.close();
    });
  });
