import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { AuditStore, BlobArchive, ExperimentStore, TaskStore } from "@tandem/core/stores";
import { openFileBlobs } from "./file-blobs";
import { openPgliteExperiments } from "./pglite-experiments";
import { openPostgresExperiments } from "./postgres-experiments";
import { openS3Blobs, type S3Options } from "./s3-blobs";
import type { AccountStore } from "./sql-accounts";
import type { Records } from "./sql-records";

export type Environment = Readonly<Record<string, string | undefined>>;
export type Stores = {
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
  readonly accounts: AccountStore;
  readonly audit: AuditStore;
  /** All tables, for backups. */
  readonly records: Records;
  readonly blobs: BlobArchive;
};

/**
 * PostgreSQL if TANDEM_DATABASE_URL names one, else PGlite in the directory; S3 if TANDEM_S3_ENDPOINT and
 * the others are set, else files in the directory. Throws `bad-config` for half of the latter.
 */
export async function openStores(options: {
  readonly directory: string;
  readonly environment: Environment;
  readonly log?: (message: string) => void;
}): Promise<Stores> {
  const { directory, environment, log } = options;
  const s3 = s3Of(environment);
  const url = environment.TANDEM_DATABASE_URL;
  const { tasks, accounts, audit, records, ...store } = url
    ? await openPostgresExperiments({ url, ...(log && { log }) })
    : await openPgliteExperiments({ directory });
  try {
    return {
      store,
      tasks,
      accounts,
      audit,
      records,
      blobs: s3 ? await openS3Blobs(s3) : await openFileBlobs(join(directory, "blobs")),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Throws `bad-config` for half of it. */
export function s3Of(environment: Environment): S3Options | undefined {
  const missing: string[] = [];
  const needed = (name: string) => {
    const value = environment[`TANDEM_S3_${name}`];
    if (!value) missing.push(`TANDEM_S3_${name}`);
    return value ?? "";
  };
  const options = {
    endpoint: needed("ENDPOINT"),
    bucket: needed("BUCKET"),
    accessKeyId: needed("ACCESS_KEY_ID"),
    secretAccessKey: needed("SECRET_ACCESS_KEY"),
  };
  if (missing.length === Object.keys(options).length) return undefined;
  if (missing.length > 0)
    throw new TandemError("bad-config", `S3 for blobs also needs ${missing.join(", ")}.`);
  return { ...options, region: environment.TANDEM_S3_REGION ?? "us-east-1" };
}
