import { readdir, readFile } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";
import { expect, it } from "vitest";
import { decodeForeign } from "./safetensors-stored";

const directory = new URL("../fixtures/interop/safetensors/", import.meta.url);

/** What safetensors 0.8.0 reads in each file: the numbers by tensor, or nothing where it refuses. */
const accepted: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  bf16: { a: [1, -2] },
  bool: { a: [0, 1] },
  "empty-header": {},
  "f16-subnormal-inf": { a: [0x0001, 0x7c00, 0xfc00, 0x3c00] }, // halves stay bits
  f8_e4m3: { a: [1, -1] },
  f8_e5m2: { a: [1, -1] },
  i64: { a: [0, 76] },
  "leading-space": { a: [1] },
  "metadata-empty": { a: [1] },
  "metadata-nested-config": { a: [1] },
  "metadata-null": { a: [1] },
  "metadata-only": {},
  "not-aligned-header": { a: [1] },
  rank9: { a: [1] },
  scalar: { a: [3] },
  "unicode-name": { "类.🚀": [1] },
  "unordered-offsets": { a: [1], b: [2] },
  "zero-size": { z: [], a: [1], y: [] },
  "zero-size-mid": { a: [1], z: [], b: [2] },
};
const refused: Readonly<Record<string, RegExp>> = {
  "duplicate-key": /"a" stands twice/,
  "git-lfs-pointer": /a Git LFS pointer: .*git lfs pull/,
  hole: /"b" begins at 8, not at 4/,
  "html-login-page": /a web page: download the file again/,
  "metadata-number-value": /unexpected "12/,
  overlap: /"b" begins at 4, not at 8/,
  "shape-overflow": /"a" has 0 bytes for shape/,
  "trailing-bytes": /4 bytes declared, 8 present/,
  truncated: /16 bytes declared, 8 present/,
  "zero-byte-file": /0 bytes are too few/,
};

const read = async (name: string) =>
  decodeForeign(new Uint8Array(await readFile(new URL(`${name}.safetensors`, directory))));

it("every file is accepted or refused", async () => {
  const names = (await readdir(directory)).map((file) => file.replace(/\.safetensors$/, ""));
  expect(names.sort()).toEqual([...Object.keys(accepted), ...Object.keys(refused)].sort());
});

it.each(Object.entries(accepted))("%s is read", async (name, tensors) => {
  const found = Object.entries(await read(name)).map(([key, { data }]) => [key, [...data]]);
  expect(Object.fromEntries(found)).toEqual(tensors);
});

it.each(Object.entries(refused))("%s is refused with the reason", async (name, reason) => {
  const error = await read(name).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(TandemError);
  expect(error.message).toMatch(reason);
});
