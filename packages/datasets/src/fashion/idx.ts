import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { TandemError } from "@tandem/core/errors";
import { sha256 } from "../files/built-files";

export type Fashion = {
  /** (N, 28, 28): white things on black. */
  readonly pictures: Uint8Array;
  readonly labels: Uint8Array;
  readonly sha256: string;
};
export const side = 28;
export const stride = side * side;

/** Unsigned bytes of an IDX file (http://yann.lecun.com/exdb/mnist); throws `bad-data`. */
export function parseIdx(bytes: Uint8Array, name: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bad = (what: string) => new TandemError("bad-data", `${name}: ${what}`);
  if (bytes.length < 4 || view.getUint16(0) !== 0 || bytes[2] !== 8)
    throw bad("not an IDX file of unsigned bytes");
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw bad("its header is cut off");
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== start + size)
    throw bad(`${bytes.length - start} values for shape [${shape}]`);
  return { shape, data: bytes.slice(start) };
}

/** "train" or "t10k" of a folder with the four gzip files; throws `not-found` and `bad-data`. */
export async function readFashion(folder: string, part: "train" | "t10k"): Promise<Fashion> {
  const read = async (kind: string) => {
    const path = join(folder, `${part}-${kind}-ubyte.gz`);
    const packed = await readFile(path).catch((cause) => {
      throw new TandemError("not-found", `${path} cannot be read`, { cause });
    });
    const bytes = new Uint8Array(gunzipSync(packed));
    return { ...parseIdx(bytes, path), sha256: sha256(bytes) };
  };
  const [pictures, labels] = await Promise.all([read("images-idx3"), read("labels-idx1")]);
  const [count, height, width] = pictures.shape;
  if (height !== side || width !== side || labels.shape.length !== 1 || labels.shape[0] !== count)
    throw new TandemError(
      "bad-data",
      `${folder}: pictures of shape [${pictures.shape}] for labels of shape [${labels.shape}]`,
    );
  if (labels.data.some((label) => label > 9))
    throw new TandemError("bad-data", `${folder}: a label of ${part} is above 9`);
  return {
    pictures: pictures.data,
    labels: labels.data,
    sha256: sha256(pictures.sha256 + labels.sha256),
  };
}
