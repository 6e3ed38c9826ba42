import type { BlobHash } from "@tandem/core/ids";
import type { Sum } from "./checked-folder";
import type { Page } from "./sql-records";

export type Counts = {
  readonly accounts: number;
  readonly experiments: number;
  readonly tasks: number;
  readonly blobs: number;
  /** Of bases that were trained for tasks. */
  readonly bases: number;
  readonly backboneFiles: number;
};

export const format = "tandem-backup/3";
export const manifestFile = "manifest.json";
export type Manifest = Counts & {
  readonly format: typeof format;
  /** Epoch milliseconds, before its records were read. */
  readonly takenAt: number;
  /** The last migration of the version that made it. */
  readonly schema: { readonly tag: string; readonly when: number };
  /** Beside the list of checksums. */
  readonly files: number;
};

/** What a backup of any format holds. */
export type OpenBackup = {
  readonly counts: Counts;
  pages(): AsyncIterable<Page>;
  blobs(): AsyncIterable<BlobHash>;
  /** With a folder below `teachers/`. */
  readonly tasks: readonly string[];
  /** Their files below it that have a checksum; absent in formats without any. */
  readonly baseFiles?: ReadonlySet<string>;
  readonly backbones: readonly Sum[];
};

export const pathOfBlob = (hash: string): string =>
  `blobs/${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}`;
