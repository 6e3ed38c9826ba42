import { experimentId } from "@tandem/core/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import journal from "../migrations/meta/_journal.json" with { type: "json" };
import { openPostgresExperiments } from "./postgres-experiments";
import { accountStoreContract } from "./testing/account-store.contract";
import { auditStoreContract } from "./testing/audit-store.contract";
import { experimentStoreContract } from "./testing/experiment-store.contract";
import {
  type PostgresServer,
  postgresPrograms,
  startPostgres,
  withClient,
} from "./testing/postgres-server";
import { event, record } from "./testing/records";
import { taskStoreContract } from "./testing/task-store.contract";

const programs = postgresPrograms();
const name = programs
  ? "PostgreSQL"
  : "PostgreSQL (skipped: no server of version 15 or newer; apt-get install postgresql)";

describe.skipIf(!programs)(name, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(programs ?? "");
  }, 120_000);
  afterAll(() => server.stop());

  experimentStoreContract("PostgreSQL", async () =>
    openPostgresExperiments({ url: await server.database() }),
  );

  taskStoreContract("PostgreSQL", async () =>
    openPostgresExperiments({ url: await server.database() }),
  );

  accountStoreContract("PostgreSQL", async () =>
    openPostgresExperiments({ url: await server.database() }),
  );

  auditStoreContract("PostgreSQL", async () =>
    openPostgresExperiments({ url: await server.database() }),
  );

  it("is one server's at a time, and another's once that is gone", async () => {
    const url = await server.database();
    const first = await openPostgresExperiments({ url });
    await first.create(record("a"));
    await expect(openPostgresExperiments({ url })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/in use by another server/),
    });
    await first.close();
    const second = await openPostgresExperiments({ url });
    expect(await second.list()).toEqual([record("a")]);
    await second.close();
  });

  it("keeps every acknowledged commit over a crash of the database, and goes on by itself", async () => {
    const url = await server.database();
    const store = await openPostgresExperiments({ url });
    await store.create(record("a"));
    for (const i of [1, 2, 3]) await store.commit(experimentId("a"), { events: [event(i)] });
    await server.restart();
    await expect.poll(() => store.events(experimentId("a")).catch(() => [])).toHaveLength(3);
    await store.commit(experimentId("a"), { events: [event(4)] });
    expect(await store.events(experimentId("a"))).toEqual([1, 2, 3, 4].map(event));
    await expect(openPostgresExperiments({ url })).rejects.toMatchObject({ code: "conflict" });
    await store.close();
  }, 60_000);

  it("refuses a schema that is newer than the code, and touches nothing", async () => {
    const latest = journal.entries[journal.entries.length - 1];
    const url = await server.database();
    await (await openPostgresExperiments({ url })).close();
    const future = Date.parse("2999-01-02");
    await withClient(url, (client) =>
      client.query(
        "insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', $1)",
        [future],
      ),
    );
    await expect(openPostgresExperiments({ url })).rejects.toMatchObject({
      code: "not-supported",
      message: expect.stringMatching(new RegExp(`schema of 2999-01-02.*${latest.tag}`)),
    });
    const { rows } = await withClient(url, (client) =>
      client.query("select count(*) from drizzle.__drizzle_migrations"),
    );
    expect(rows[0].count).toBe(String(latest.idx + 2));
  });

  it("says which database cannot be reached, without its password", async () => {
    const opened = openPostgresExperiments({ url: "postgres://tandem:secret@127.0.0.1:1/none" });
    await expect(opened).rejects.toMatchObject({ code: "unavailable" });
    await expect(opened).rejects.toThrow(/127.0.0.1:1\/none/);
    await expect(opened).rejects.not.toThrow(/secret/);
    await expect(openPostgresExperiments({ url: "nonsense" })).rejects.toMatchObject({
      code: "bad-config",
    });
  });
});
