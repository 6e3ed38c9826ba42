import { TandemError } from "@tandem/core/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeHeader,
  headerLength,
  parseHeader,
  type StoredDType,
  storedBits,
} from "./safetensors-header";

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
    ["metadata of null", '{"__metadata__":null}', /unexpected/],
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
    ["half a surrogate pair", `{"\\ud800":${a}}`, /bad escape in "\\\\ud800"/],
    ["a bad character", '{"a\n":1}', /unexpected/],
    ["a byte order mark", `\ufeff{"a":${a}}`, /unexpected/],
  ])("with %s does not cross a wire, with the reason", (_, text, reason) => {
    const parse = () => parseHeader(bytesOf(text), 4, { strict: true });
    expect(parse).toThrow(TandemError);
    expect(parse).toThrow(reason);
  });

  // What the format leaves open is read in files, as its own library reads it.
  it.each([
    ["metadata of null", `{"__metadata__":null,"a":${a}}`],
    ["nine dimensions", `{"a":${entry("F32", [1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 4])}}`],
    ["a metadata key that stands twice", `{"__metadata__":{"k":"","k":""},"a":${a}}`],
    ["a metadata key __proto__", `{"__metadata__":{"__proto__":""},"a":${a}}`],
    ["more fields", `{"a":{"x":[1e-3,{"y":null},"]"],${a.slice(1, -1)},"z":{},"x":[]}}`],
  ])("with %s is read in a file", (_, text) => {
    expect([...parseHeader(bytesOf(text), 4).tensors.keys()]).toEqual(["a"]);
    expect(() => parseHeader(bytesOf(text), 4, { strict: true })).toThrow(TandemError);
  });

  it("has the last of two equal metadata keys, and names of Object.prototype, in a file", () => {
    const text = `{"__metadata__":{"k":"1","k":"2"},"__proto__":${a},"constructor":${entry("U8", [0], [4, 4])}}`;
    const { tensors, metadata } = parseHeader(bytesOf(text), 4);
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
    expect(metadata).toEqual({ k: "2" });
  });

  it.each([
    ["a number that is none", "-01", /unexpected "1/],
    ["a value that is none", "nul", /unexpected "nul/],
    ["a list without an end", "[1,2", /unexpected/],
    ["nesting without end", "[".repeat(1_000_000), /nested too deeply/],
    ["half a surrogate pair", '"\\udc00\\ud800"', /bad escape/],
  ])("with %s in another field is refused", (_, value, reason) => {
    const parse = () => parseHeader(bytesOf(`{"a":{"x":${value},${a.slice(1)}}`), 4);
    expect(parse).toThrow(TandemError);
    expect(parse).toThrow(reason);
  });

  it("with a number of elements that fills no bytes is refused", () => {
    const of = (count: number, bytes: number) =>
      parseHeader(bytesOf(`{"a":${entry("F4", [count], [0, bytes])}}`), bytes);
    expect(of(4, 2).tensors.get("a")).toMatchObject({ dtype: "F4", shape: [4] });
    expect(() => of(3, 2)).toThrow(/2 bytes for shape/);
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
    const claiming = (bytes: number) => new Uint8Array(new BigUint64Array([BigInt(bytes)]).buffer);
    // the safetensors library's bound
    expect(headerLength(claiming(100_000_000), 2 ** 40)).toBe(100_000_000);
    const most = "header of 100000001 bytes in a file of 1099511627776, at most 100000000";
    expect(() => headerLength(claiming(100_000_001), 2 ** 40)).toThrow(most);
    const limits = { maxHeaderBytes: 2 ** 26 };
    expect(headerLength(claiming(2 ** 26), 2 ** 40, limits)).toBe(2 ** 26);
    expect(() => headerLength(claiming(2 ** 26 + 1), 2 ** 40, limits)).toThrow(TandemError);
  });
});

describe("a header", () => {
  const dtypes = Object.keys(storedBits) as StoredDType[];
  const specs = fc.uniqueArray(
    fc.tuple(
      fc.string({ unit: "grapheme" }).filter((name) => !/^__(proto|metadata)__$/.test(name)),
      fc.record({
        dtype: fc.constantFrom(...dtypes),
        // eights, so that packed numbers fill their bytes
        shape: fc.array(fc.nat(5), { maxLength: 3 }).map((shape) => [...shape, 8]),
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
          (sum, [, { dtype, shape }]) => sum + shape.reduce((n, m) => n * m, storedBits[dtype]) / 8,
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
