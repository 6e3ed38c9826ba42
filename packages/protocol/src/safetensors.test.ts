import { TandemError } from "@tandem/core/errors";
import { f32, u8 } from "@tandem/core/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLabelledSet } from "./labelled-set";
import { decodePayload } from "./payload-codec";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";

const pictures = u8(
  [3, 4, 4, 3],
  Array.from({ length: 144 }, (_, i) => (i * 37) % 256),
);

describe("safetensors", () => {
  it("restores arrays from a buffer that starts at an odd byte", () => {
    const file = encodeSafetensors({ b: f32([2], [1, 2]), a: pictures }, { note: "x" });
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const { arrays, metadata } = decodeSafetensors(shifted.subarray(1));
    expect(arrays).toEqual({ a: pictures, b: f32([2], [1, 2]) });
    expect(metadata).toEqual({ note: "x" });
  });

  it("restores arrays from a Buffer that shares its memory with others", () => {
    const file = encodeSafetensors({ a: f32([2], [1, 2]) });
    const shared = Buffer.concat([Buffer.alloc(16, 7), file]).subarray(16);
    expect(decodeSafetensors(shared).arrays).toEqual({ a: f32([2], [1, 2]) });
  });

  it("gives the same bytes whatever order the arrays come in", () => {
    const [a, b] = [f32([1], [1]), f32([2], [2, 3])];
    expect(encodeSafetensors({ a, b })).toEqual(encodeSafetensors({ b, a }));
  });

  it.each(["__proto__", "__metadata__"])("cannot be written with a tensor called %s", (name) => {
    const arrays = Object.fromEntries([[name, f32([1], [1])]]);
    expect(() => encodeSafetensors(arrays)).toThrow(/may not be called/);
  });

  it("has a header of at most 32 MiB", () => {
    const first = new Uint8Array(8 + 2 ** 25 + 1).fill(0x20);
    new DataView(first.buffer).setBigUint64(0, BigInt(2 ** 25 + 1), true);
    expect(() => decodeSafetensors(first)).toThrow(/header of 33554433 bytes .*, at most 33554432/);
  });

  it.each([
    ["a dtype that cannot become text", { header: '{"a":{"dtype":{"toString":1}}}' }],
    ["a tensor called __proto__", header(Object.fromEntries([["__proto__", [0, 8]]]), [2])],
    ["a header longer than the file", { length: 2n ** 60n, header: "{}" }],
    ["overlapping tensors", header({ a: [0, 4], b: [0, 4] })],
    ["a hole", header({ a: [4, 8] })],
    ["a shape that does not fill its bytes", header({ a: [0, 4] }, [2])],
    ["an overflowing shape", header({ a: [0, 4] }, [2 ** 52, 2 ** 52])],
    ["nine dimensions", { header: wide("[1,1,1,1,1,1,1,1,1]") }],
    ["a field that no writer of ours has", { header: wide('[1],"more":1') }],
    ["text that is not JSON", { header: "{" }],
  ])("refuses %s", (_, { header: text, length, data = 4 }: HostileFile) => {
    const json = new TextEncoder().encode(text);
    const file = new Uint8Array(8 + json.length + data);
    new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
    file.set(json, 8);
    expect(() => decodeSafetensors(file)).toThrow(TandemError);
  });
});

const wide = (shape: string) => `{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,4]}}`;
type HostileFile = { header: string; length?: bigint; data?: number };
function header(offsets: Record<string, [number, number]>, shape = [1]): HostileFile {
  const entries = Object.entries(offsets).map(([name, data_offsets]) => [
    name,
    { dtype: "F32", shape, data_offsets },
  ]);
  return { header: JSON.stringify(Object.fromEntries(entries)), data: 8 };
}

it.each(["safetensors", "payload", "labelled set"])("random bytes are no %s", (name) => {
  const decode =
    { safetensors: decodeSafetensors, payload: decodePayload }[name] ?? decodeLabelledSet;
  const json = fc.json().map((text) => {
    const body = new TextEncoder().encode(text);
    return Uint8Array.of(body.length & 255, body.length >> 8, 0, 0, 0, 0, 0, 0, ...body);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(TandemError);
      }
    }),
    { numRuns: 1000 },
  );
});
