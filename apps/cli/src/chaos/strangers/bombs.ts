import { f32, u8 } from "@tandem/core/tensor";
import { encodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { placeAmongHonest, put } from "./answering";
import type { Kind } from "./stranger";

const picture = await packPayload({
  arrays: { image: u8([1, 4096, 4096, 3], new Uint8Array(3 * 4096 ** 2)) },
  meta: {},
  encoding: { image: "png" },
});
const zeros = await packPayload({
  arrays: { w: f32([2 ** 18], new Float32Array(2 ** 18)) },
  meta: {},
});

/** A safetensors file whose header promises more than there is. */
function promising(shape: readonly number[]): Uint8Array {
  const bytes = encodePayload({ arrays: { w: f32([1], [1]) }, meta: {} });
  const length = Number(Buffer.from(bytes.subarray(0, 8)).readBigUInt64LE());
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  header.w = { ...header.w, shape };
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, bytes.subarray(8 + length)]);
}

const bombs: Readonly<Record<string, Uint8Array>> = {
  "48 MiB of a picture in half a kilobyte": picture,
  "a MiB of zeros in a kilobyte": zeros,
  "a header that promises 4 GiB": promising([2 ** 30]),
  "a header of 2^60 numbers": promising([2 ** 30, 2 ** 30]),
};

export const bombers: Kind = {
  name: "bombers",
  does: "answer rounds with uploads that unpack to far more, or promise it",
  never: "one is taken",
  async visit(self) {
    const line = await placeAmongHonest(self);
    if (!line) return;
    for (const [what, bytes] of Object.entries(bombs)) {
      const { hash, answer } = await put(self, line.token(), bytes);
      self.judge.allowed("put", answer);
      self.judge.refused(what, await line.upload(hash));
      await self.pause(100);
    }
    await line.ask("leave", {});
    line.close();
  },
};
