import { constants, deflateRawSync } from "node:zlib";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { concatenated, f32, type TensorData } from "@tandem/core/tensor";
import { encodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { adler32, adlerOfBoth } from "./adler32";

/** Weights that differ from answer to answer; they come first in the file. */
const [fresh, freshName] = [16, "a.weights"];
/** Beside them, as many arrays as a small network has. */
const layers = 8;
/** Of what stands before the zlib data of a packed payload. */
const markBytes = 8;
/** RFC 1950: deflate with a window of 32 KiB, slowest. */
const zlibHeader = Uint8Array.of(0x78, 0xda);

/**
 * Uploads of FedAvg and FedProx with so many parameters, each with bytes of its own, packed as tabs
 * pack theirs. Only what differs is deflated anew: thousands a second would take the machine otherwise.
 */
export async function freshWeights(parameters: number, seed: string): Promise<() => Uint8Array> {
  if (parameters < fresh + layers)
    throw new TandemError("bad-config", `${parameters} parameters: use at least ${fresh + layers}`);
  const rng = createRng(seed);
  const normal = () => 0.1 * rng.normal();
  const weights = (count: number) => f32([count], Float32Array.from({ length: count }, normal));
  const arrays: Record<string, TensorData> = { [freshName]: weights(fresh) };
  let left = parameters - fresh;
  for (let i = 0; i < layers; i++) {
    const count = Math.ceil(left / (layers - i));
    arrays[`layer${i}.weights`] = weights(count);
    left -= count;
  }
  const file = encodePayload({ arrays, meta: {} });
  const packed = await packPayload({ arrays, meta: {} });
  const headBytes = file.length - 4 * (parameters - fresh);
  const head = file.slice(0, headBytes);
  const numbers = new DataView(head.buffer, headBytes - 4 * fresh);
  const vary = () => {
    for (let i = 0; i < fresh; i++) numbers.setFloat32(4 * i, normal(), true);
  };
  const tail = file.subarray(headBytes);
  if (packed.length === file.length)
    return () => {
      vary();
      return concatenated(Uint8Array, [head, tail]);
    };
  const mark = packed.subarray(0, markBytes);
  const [packedTail, sumOfTail] = [deflateRawSync(tail, { level: 9 }), adler32(tail)];
  return () => {
    vary();
    const packedHead = deflateRawSync(head, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
    const sum = new DataView(new ArrayBuffer(4));
    sum.setUint32(0, adlerOfBoth(adler32(head), sumOfTail, tail.length));
    const trailer = new Uint8Array(sum.buffer);
    return concatenated(Uint8Array, [mark, zlibHeader, packedHead, packedTail, trailer]);
  };
}
