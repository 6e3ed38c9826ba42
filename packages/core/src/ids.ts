declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ExperimentId = Branded<"ExperimentId">;
export type ClientId = Branded<"ClientId">;
/** Lower-case hexadecimal SHA-256 of a blob's bytes. */
export type BlobHash = Branded<"BlobHash">;
export type BlobReference = { readonly hash: BlobHash; readonly bytes: number };

// The only casts to branded ids: callers have parsed the text at a boundary.
export const experimentId = (text: string): ExperimentId => text as ExperimentId;
export const clientId = (text: string): ClientId => text as ClientId;
export const blobHash = (text: string): BlobHash => text as BlobHash;
