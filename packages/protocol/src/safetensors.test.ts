import { TandemError } from "@tandem/core/errors";
import { f32 } from "@tandem/core/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBfloats, fromHalves, toBfloat, toHalves } from "./half";
import { decodeSafetensors } from "./safetensors";
import {
  encodeHeader,
  headerLength,
  parseHeader,
  type StoredDType,
  storedBytes,
} from "./safetensors-header";
import { castStored, decodeForeign, decodeStored, toSingle, toStored } from "./safetensors-stored";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const entry = (dtype: string, shape: unknown, offsets: unknown) =>
  `{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}`;
const a = entry("F32", [1], [0, 4]);

describe("a hostile header", () => {
  it.each([
    ["two tensors of one name", `{"a":${a},"a":${a}}`, /stands twice/],
    ["one name in two spellings", `{"a":${a},"\\u0061":${a}}`, /stands twice/],
    ["a dtype that stands twice", '{"a":{"dtype":"F32","dtype":"I32"}}', /repeated field "dtype"/],
    ["metadata that stand twice", '{"__metadata__":{},"__metadata__":{}}', /twice/],
    ["a metadata key that stands twice", '{"__metadata__":{"k":"","k":""}}', /metadata key "k"/],
    ["a metadata number", '{"__metadata__":{"k":1}}', /unexpected/],
    ["a tensor called __proto__", `{"__proto__":${a}}`, /__proto__/],
    ["a metadata key __proto__", '{"__metadata__":{"__proto__":""}}', /__proto__/],
    ["an unknown field", '{"a":{"dtype":"F32","more":[]}}', /unknown or repeated field "more"/],
    ["a missing field", '{"a":{"dtype":"F32","shape":[1]}}', /lacks/],
    ["a dtype of Object.prototype", `{"a":${entry("toString", [1], [0, 4])}}`, /no known dtype/],
    ["a negative offset", `{"a":${entry("F32", [1], [-4, 0])}}`, /unexpected "-4/],
    ["offsets that run back", `{"a":${entry("F32", [1], [4, 0])}}`, /-4 bytes for shape/],
    ["a fraction", `{"a":${entry("F32", [0.5], [0, 2])}}`, /unexpected/],
    ["an exponent", '{"a":{"shape":[1e3]}}', /unexpected "e3/],
    ["a number beyond 2^53", '{"a":{"shape":[99999999999999999999]}}', /unexpected/],
    ["a leading zero", '{"a":{"shape":[01]}}', /unexpected/],
    ["nine dimensions", '{"a":{"shape":[1,1,1,1,1,1,1,1,1]}}', /unexpected/],
    ["offsets past the end", `{"a":${entry("F32", [2], [0, 8])}}`, /8 bytes declared, 4 present/],
    ["data that nobody names", "{}", /0 bytes declared, 4 present/],
    ["the size of another dtype", `{"a":${entry("F16", [1], [0, 4])}}`, /4 bytes for shape/],
    ["nesting without end", `{"a":${"[".repeat(1_000_000)}`, /unexpected/],
    ["a list", "[]", /unexpected/],
    ["something after its end", `{"a":${a}} x`, /unexpected "x"/],
    ["a string that does not end", '{"a', /unexpected/],
    ["a bad escape", '{"\\x":1}', /bad escape/],
    ["a bad character", '{"a\n":1}', /unexpected/],
    ["a byte order mark", `\ufeff{"a":${a}}`, /unexpected/],
  ])("with %s is refused with the reason", (_, text, reason) => {
    const parse = () => parseHeader(bytesOf(text), 4);
    expect(parse).toThrow(TandemError);
    expect(parse).toThrow(reason);
  });

  it("with bytes that are not UTF-8 is refused", () => {
    expect(() => parseHeader(Uint8Array.of(0x7b, 0xff), 0)).toThrow(/UTF-8/);
  });

  it("with more tensors than the limit is refused at the first too many", () => {
    const text = Array.from({ length: 3 }, (_, i) => `"${i}":${entry("U8", [0], [0, 0])}`);
    expect(() => parseHeader(bytesOf(`{${text}}`), 0, { maxTensors: 2 })).toThrow(/more than 2/);
    expect(parseHeader(bytesOf(`{${text}}`), 0).tensors.size).toBe(3);
  });

  it("that claims a huge length is refused before anything is read", () => {
    const first = new Uint8Array(8).fill(0xff);
    expect(() => headerLength(first, 2 ** 40)).toThrow(/header of 18446744073709551615 bytes/);
    const long = new Uint8Array(new BigUint64Array([2n ** 26n]).buffer);
    expect(() => headerLength(long, 2 ** 40)).toThrow(TandemError);
    expect(headerLength(long, 2 ** 40, { maxHeaderBytes: 2 ** 26 })).toBe(2 ** 26);
  });
});

describe("a header", () => {
  const dtypes = Object.keys(storedBytes) as StoredDType[];
  const specs = fc.uniqueArray(
    fc.tuple(
      fc.string({ unit: "grapheme" }).filter((name) => !/^__(proto|metadata)__$/.test(name)),
      fc.record({
        dtype: fc.constantFrom(...dtypes),
        shape: fc.array(fc.nat(5), { maxLength: 4 }),
      }),
    ),
    { selector: ([name]) => name },
  );
  const metadata = fc
    .dictionary(fc.string(), fc.string())
    .filter((entries) => !Object.hasOwn(entries, "__proto__"));

  it("comes back as it was written, whatever names, dtypes and shapes it has", () => {
    fc.assert(
      fc.property(specs, metadata, (tensors, notes) => {
        const file = encodeHeader(tensors, notes);
        const length = headerLength(file, file.length);
        expect(length % 8).toBe(0);
        const last = tensors.reduce(
          (sum, [, { dtype, shape }]) => sum + shape.reduce((n, m) => n * m, storedBytes[dtype]),
          0,
        );
        const back = parseHeader(file.subarray(8), last);
        expect({ ...back.metadata }).toEqual({ ...notes });
        for (const [name, spec] of tensors) expect(back.tensors.get(name)).toMatchObject(spec);
        expect(back.tensors.size).toBe(tensors.length);
      }),
    );
  });

  it("is read or refused, never anything else, however its text is changed", () => {
    const good = `{"__metadata__":{"k":"v"},"a":${a},"b.w":${entry("I64", [1, 2], [4, 20])}}`;
    const pieces = fc.constantFrom("{", "}", "[", "]", '"', ",", ":", "\\", "0", "-", "a", good);
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(9), fc.array(pieces), (at, cut, put) => {
        const text = good.slice(0, at) + put.join("") + good.slice(at + cut);
        try {
          const { tensors } = parseHeader(bytesOf(text), 20);
          // what is accepted is JSON that says the same
          const json = JSON.parse(text) as Record<string, { shape: number[] }>;
          for (const [name, { shape }] of tensors) expect(json[name].shape).toEqual(shape);
        } catch (error) {
          expect(error).toBeInstanceOf(TandemError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

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
    ]);
  });

  it("does not lose the top of a wide integer", () => {
    const bytes = file([["n", "I64", [1], BigInt64Array.of(2n ** 31n)]]);
    expect(() => decodeForeign(bytes)).toThrow(/"n" holds 2147483648/);
  });

  it("does not cross a wire in dtypes that the wire lacks", () => {
    const bytes = file([["n", "I64", [1], BigInt64Array.of(1n)]]);
    expect(() => decodeSafetensors(bytes)).toThrow(/"n" is I64, which does not cross a wire/);
  });

  it("is cast among the float dtypes, and nothing else is", () => {
    const stored = toStored(f32([3], [1, -0.333, 65_504]));
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

describe("bfloat16", () => {
  it("comes back from every one of the 65,536 bit patterns", () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
    fromBfloats(all).forEach((value, bits) => {
      if (
        Number.isNaN(value)
          ? !Number.isNaN(fromBfloats(Uint16Array.of(toBfloat(value)))[0])
          : toBfloat(value) !== bits
      )
        expect.fail(`${bits} became ${toBfloat(value)}`);
    });
  });

  it("rounds to nearest, ties to even, and overflows to infinity", () => {
    // bfloat16s near 1 are 2^-7 apart
    expect(toBfloat(1 + 2 ** -8)).toBe(0x3f80);
    expect(toBfloat(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(toBfloat(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(toBfloat(3.4028e38)).toBe(0x7f80);
  });
});

it("halves of long arrays equal halves one by one", () => {
  const values = Float32Array.of(1, -0.1, 1e-7, 1e9, Number.NaN);
  expect([...fromHalves(toHalves(values))]).toEqual([
    1,
    -0.0999755859375,
    2 * 2 ** -24,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
});
