import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPgliteExperiments } from "@tandem/storage/pglite-experiments";
import { openPostgresExperiments } from "@tandem/storage/postgres-experiments";
import {
  type PostgresServer,
  postgresPrograms,
  startPostgres,
} from "@tandem/storage/testing/postgres-server";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { afterAll, beforeAll, describe } from "vitest";
import { crashContract } from "./testing/crash.contract";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-databases-"));
  await placeTestDatabase(directory);
});
afterAll(() => rm(directory, { recursive: true }));

crashContract("PGlite", () => openPgliteExperiments({ directory }), { stride: 3 });

const programs = postgresPrograms();
describe.skipIf(!programs)("with a server of its own", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(programs ?? "");
  }, 120_000);
  afterAll(() => server.stop());

  crashContract(
    "PostgreSQL",
    async () => openPostgresExperiments({ url: await server.database() }),
    { stride: 3 },
  );
});
