import { TandemError } from "@tandem/core/errors";
import { f32, u8 } from "@tandem/core/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHalf, toHalf } from "./half";
import { decodeLabelledSet, encodeLabelledSet } from "./labelled-set";
import { decodePayload, encodePayload } from "./payload";
import { quantiseRows, restoreRows } from "./quantise";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { sha256Hex } from "./sha256";

const pictures = u8(
  [3, 4, 4, 3],
  Array.from({ length: 144 }, (_, i) => (i * 37) % 256),
);

describe("half precision", () => {
  it("restores every one of the 65,536 bit patterns", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = fromHalf(bits);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else if (toHalf(value) !== bits) expect.fail(`${bits} became ${toHalf(value)}`);
    }
  });

  it("rounds to nearest, ties to even", () => {
    // Halves near 1 are 2^-10 apart: 1 + 2^-11 is a tie and goes to 1, 1 + 3·2^-11 to 1 + 2^-9.
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(toHalf(65_520)).toBe(0x7c00);
    expect(toHalf(2 ** -25)).toBe(0);
  });
});

describe("safetensors", () => {
  it("restores arrays from a buffer that starts at an odd byte", () => {
    const file = encodeSafetensors({ b: f32([2], [1, 2]), a: pictures }, { note: "x" });
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const { arrays, metadata } = decodeSafetensors(shifted.subarray(1));
    expect(arrays).toEqual({ a: pictures, b: f32([2], [1, 2]) });
    expect(metadata).toEqual({ note: "x" });
  });

  it.each([
    ["a header longer than the file", { length: 2n ** 60n, header: "{}" }],
    ["overlapping tensors", header({ a: [0, 4], b: [0, 4] })],
    ["a hole", header({ a: [4, 8] })],
    ["a shape that does not fill its bytes", header({ a: [0, 4] }, [2])],
    ["an overflowing shape", header({ a: [0, 4] }, [2 ** 52, 2 ** 52])],
    ["text that is not JSON", { header: "{" }],
  ])("refuses %s", (_, { header: text, length, data = 4 }: HostileFile) => {
    const json = new TextEncoder().encode(text);
    const file = new Uint8Array(8 + json.length + data);
    new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
    file.set(json, 8);
    expect(() => decodeSafetensors(file)).toThrow(TandemError);
  });
});

type HostileFile = { header: string; length?: bigint; data?: number };
function header(offsets: Record<string, [number, number]>, shape = [1]): HostileFile {
  const entries = Object.entries(offsets).map(([name, data_offsets]) => [
    name,
    { dtype: "F32", shape, data_offsets },
  ]);
  return { header: JSON.stringify(Object.fromEntries(entries)), data: 8 };
}

describe("payload", () => {
  const payload = {
    arrays: { z: f32([2, 2], [0.5, -1, 0.25, 0]), p: f32([2], [0.5, 0.25]), images: pictures },
    meta: { captions: ["a", "b"] },
    encoding: { z: "i8-rows", p: "f16", images: "png" },
  } as const;

  it("comes back with its packed arrays, meta and encoding", () => {
    const back = decodePayload(encodePayload(payload));
    expect(back.meta).toEqual(payload.meta);
    expect(back.encoding).toEqual(payload.encoding);
    expect(back.arrays.images).toEqual(pictures);
    expect(back.arrays.p).toEqual(payload.arrays.p);
    expect(back.arrays["z:scales"]).toBeUndefined();
  });

  it("refuses values that are not finite", () => {
    const hostile = { arrays: { p: f32([1], [Number.NaN]) }, meta: {} };
    expect(() => decodePayload(encodePayload(hostile))).toThrow(/not finite/);
  });

  it("keeps quantised rows within half a step", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (row) => {
          const back = restoreRows(quantiseRows(f32([1, 4], row)));
          const step = fromHalf(quantiseRows(f32([1, 4], row)).scales.data[0]);
          row.forEach((value, i) => {
            expect(Math.abs(back.data[i] - value)).toBeLessThanOrEqual(step * 0.5001);
          });
        },
      ),
    );
  });

  it("is read or refused, never anything else, however its bytes are changed", () => {
    const good = encodePayload(payload);
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(good.length),
        (at, value, cut) => {
          const changed = good.slice(0, cut < 20 ? good.length - cut : good.length);
          if (at < changed.length) changed[at] = value;
          try {
            decodePayload(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(TandemError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it("a labelled set comes back whole", () => {
  const set = {
    size: 3,
    labels: Int32Array.of(1, 0, 2),
    images: pictures,
    captions: ["x", "y", "z"],
  };
  expect(decodeLabelledSet(encodeLabelledSet(set))).toEqual(set);
});

it("the SHA-256 of nothing is the published one", async () => {
  expect(await sha256Hex(new Uint8Array())).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});
