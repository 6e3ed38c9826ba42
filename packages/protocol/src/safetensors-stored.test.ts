import { f32, f64 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "./safetensors";
import { encodeHeader, type StoredDType, storedBits } from "./safetensors-header";
import { castStored, decodeForeign, decodeStored, toSingle, toStored } from "./safetensors-stored";

/** Of eight elements. */
const bytesOf = (dtype: string) => storedBits[dtype as StoredDType];

describe("a file from elsewhere", () => {
  const file = (tensors: readonly [string, StoredDType, number[], ArrayBufferView][]) => {
    const header = encodeHeader(tensors.map(([name, dtype, shape]) => [name, { dtype, shape }]));
    return Buffer.concat([
      header,
      ...tensors.map(([, , , { buffer, byteOffset, byteLength }]) =>
        Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
      ),
    ]);
  };

  it("gives every dtype as one that the platform computes with", () => {
    const bytes = file([
      ["flag", "BOOL", [1], Uint8Array.of(1)], // and so all that follow start at odd bytes
      ["i64", "I64", [2], BigInt64Array.of(-3n, 4n)],
      ["u64", "U64", [1], BigUint64Array.of(5n)],
      ["u32", "U32", [1], Uint32Array.of(6)],
      ["i16", "I16", [1], Int16Array.of(-7)],
      ["bf16", "BF16", [2], Uint16Array.of(0x3f80, 0xc040)], // 1, -3
      ["f16", "F16", [1], Uint16Array.of(0x3c00)],
      ["f64", "F64", [1], Float64Array.of(0.1)],
      ["f32", "F32", [1], Float32Array.of(0.5)],
      ["i32", "I32", [1], Int32Array.of(-1)],
      ["u16", "U16", [1], Uint16Array.of(8)],
      ["i8", "I8", [1], Int8Array.of(-9)],
      ["u8", "U8", [1], Uint8Array.of(9)],
      ["e4m3", "F8_E4M3", [2], Uint8Array.of(0x38, 0xb8)], // 1, -1
    ]);
    const found = Object.entries(decodeForeign(bytes)).map(([name, { dtype, data }]) => [
      name,
      dtype,
      ...data,
    ]);
    expect(found).toEqual([
      ["flag", "u8", 1],
      ["i64", "i32", -3, 4],
      ["u64", "i32", 5],
      ["u32", "i32", 6],
      ["i16", "i32", -7],
      ["bf16", "f32", 1, -3],
      ["f16", "f16", 0x3c00],
      ["f64", "f64", 0.1],
      ["f32", "f32", 0.5],
      ["i32", "i32", -1],
      ["u16", "u16", 8],
      ["i8", "i8", -9],
      ["u8", "u8", 9],
      ["e4m3", "f32", 1, -1],
    ]);
  });

  it("does not lose the top of a wide integer", () => {
    const bytes = file([["n", "I64", [1], BigInt64Array.of(2n ** 31n)]]);
    expect(() => decodeForeign(bytes)).toThrow(/"n" holds 2147483648/);
  });

  const wire: readonly StoredDType[] = ["F64", "F32", "F16", "I32", "U16", "I8", "U8"];
  it.each(Object.keys(storedBits).filter((dtype) => !wire.includes(dtype as StoredDType)))(
    "does not cross a wire in %s",
    (dtype) => {
      const bytes = file([["n", dtype as StoredDType, [8], new Uint8Array(bytesOf(dtype))]]);
      expect(() => decodeSafetensors(bytes)).toThrow(
        `"n" is ${dtype}, which does not cross a wire`,
      );
    },
  );

  it.each(["F4", "F6_E2M3", "F6_E3M2", "C64"] as const)(
    "is opened with a tensor in %s, and refused where its numbers are asked for",
    (dtype) => {
      const bytes = file([["n", dtype, [8], new Uint8Array(bytesOf(dtype))]]);
      expect(decodeStored(bytes).get("n")).toMatchObject({ dtype, shape: [8] });
      expect(() => decodeForeign(bytes)).toThrow(`"n" is ${dtype}`);
    },
  );

  it("is cast among the float dtypes, and nothing else is", () => {
    const stored = toStored(f32([3], [1, -0.333, 65_504]));
    const wide = toStored(f64([3], [1, -0.333, 65_504]));
    expect(toSingle(wide, "w")).toEqual(f32([3], [1, -0.333, 65_504]));
    for (const dtype of ["F16", "BF16"] as const) {
      const cast = castStored(stored, dtype, "w");
      expect(cast.bytes).toHaveLength(6);
      toSingle(cast, "w").data.forEach((value, i) => {
        const exact = [1, -0.333, 65_504][i];
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -8);
      });
    }
    expect(castStored(stored, "F32", "w")).toBe(stored);
    const [whole] = decodeStored(file([["n", "I32", [1], Int32Array.of(1)]])).values();
    expect(() => castStored(whole, "F16", "n")).toThrow(/"n" is I32/);
  });
});
