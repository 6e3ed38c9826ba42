import { TandemError } from "@tandem/core/errors";
import { f32, u8 } from "@tandem/core/tensor";
import fc from "fast-check";
import { encode } from "fast-png";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { fromHalf, toHalf } from "./half";
import { jsonObject } from "./json";
import { decodeLabelledSet, encodeLabelledSet } from "./labelled-set";
import { decodePayload, encodePayload, packPayload } from "./payload-codec";
import { fromShares, quantiseRows, quantiseRowsCoarsely, restoreRows, toShares } from "./quantise";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { sha256Hex } from "./sha256";
import { decodeSheet, encodeSheet } from "./sheet";

const pictures = u8(
  [3, 4, 4, 3],
  Array.from({ length: 144 }, (_, i) => (i * 37) % 256),
);
/** 512 pixels, each of another colour. */
const colourful = u8(
  [2, 16, 16, 3],
  Array.from({ length: 512 }, (_, i) => [i & 255, i >> 8, 7]).flat(),
);

describe("half precision", () => {
  it("restores every one of the 65,536 bit patterns", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = fromHalf(bits);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else if (toHalf(value) !== bits) expect.fail(`${bits} became ${toHalf(value)}`);
    }
  });

  it("rounds the values between two halves to the nearer, ties to the even one", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (fromHalf(bits) + fromHalf(bits + 1)) / 2; // exact in f32
      const even = bits % 2 === 0 ? bits : bits + 1;
      const nudge = Math.max(middle * 2 ** -23, 2 ** -40);
      const found = [middle - nudge, middle, middle + nudge, -middle].map(toHalf);
      if (String(found) !== String([bits, even, bits + 1, even | 0x8000]))
        expect.fail(`around half ${bits}: ${found}`);
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

  it.each([
    ["a dtype that cannot become text", { header: '{"a":{"dtype":{"toString":1}}}' }],
    ["a tensor called __proto__", header(Object.fromEntries([["__proto__", [0, 8]]]), [2])],
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
  it("gives the same bytes whatever order its packed arrays come in", () => {
    const [a, b] = [f32([1], [1]), f32([1], [2])];
    const encoding = { a: "f16", b: "f16" } as const;
    expect(encodePayload({ arrays: { b, a }, meta: {}, encoding })).toEqual(
      encodePayload({ arrays: { a, b }, meta: {}, encoding }),
    );
  });

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

  it("holds the number of its unpacked bytes within the limit", () => {
    const bytes = encodePayload({
      arrays: { images: u8([64, 32, 32, 3], new Uint8Array(196_608)) },
      meta: {},
      encoding: { images: "png" },
    });
    expect(bytes.length).toBeLessThan(2000);
    expect(() => decodePayload(bytes, { maxBytes: 196_608 })).toThrow(/more than/);
    expect(decodePayload(bytes, { maxBytes: 200_000 }).arrays.images.shape[0]).toBe(64);
  });

  it("cannot be written with what would not come back", () => {
    const one = f32([1], [1]);
    expect(() => encodePayload({ arrays: {}, meta: { loss: Number.NaN } })).toThrow(/finite/);
    expect(() => encodePayload({ arrays: { "a:scales": one }, meta: {} })).toThrow(/reserved/);
  });

  it("comes back with whatever finite arrays it holds", () => {
    const array = fc
      .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 6 })
      .map((values) => f32([values.length], values));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z./]{1,9}$/), array), (arrays) => {
        expect({ ...decodePayload(encodePayload({ arrays, meta: {} })).arrays }).toEqual({
          ...arrays,
        });
      }),
    );
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

  it("keeps the direction of coarse rows within 15 values, and their length", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 16, maxLength: 16 }),
        (row) => {
          const rows = quantiseRowsCoarsely(f32([1, 16], row));
          const back = [...restoreRows(rows).data];
          const peak = Math.max(...row.map(Math.abs));
          fc.pre(peak > 0.01);
          rows.values.data.forEach((value, i) => {
            expect(Math.abs(value)).toBeLessThanOrEqual(7);
            expect(Math.abs((value * peak) / 7 - row[i])).toBeLessThanOrEqual(0.502 * (peak / 7));
          });
          expect(Math.hypot(...back) / Math.hypot(...row)).toBeCloseTo(1, 2);
        },
      ),
    );
    expect([...restoreRows(quantiseRowsCoarsely(f32([1, 2], [0, 0]))).data]).toEqual([0, 0]);
  });

  it("tells distributions in 255ths that add to one, each less than one off", () => {
    expect([...toShares(f32([1, 3], [0.5, 0.25, 0.25])).data]).toEqual([127, 64, 64]);
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: Math.fround(1e-6), max: 1, noNaN: true }), {
          minLength: 10,
          maxLength: 10,
        }),
        (row) => {
          const total = row.reduce((sum, value) => sum + value, 0);
          const p = row.map((value) => value / total);
          const shares = toShares(f32([1, 10], p));
          expect(shares.data.reduce((sum, value) => sum + value, 0)).toBe(255);
          fromShares(shares).data.forEach((value, c) => {
            expect(Math.abs(value - p[c])).toBeLessThan(1.001 / 255);
          });
        },
      ),
    );
    for (const row of [
      [0.5, 0.4],
      [1.5, -0.5],
      [Number.NaN, 1],
    ])
      expect(() => toShares(f32([1, 2], row))).toThrow(/no distribution/);
  });

  it("comes back from coarse encodings as they read it", () => {
    const arrays = { z: f32([1, 2], [0.7, -0.31]), p: f32([1, 2], [0.6, 0.4]) };
    const encoding = { z: "i4-rows", p: "u8-shares" } as const;
    const back = decodePayload(encodePayload({ arrays, meta: {}, encoding }));
    expect(back.encoding).toEqual(encoding);
    expect(back.arrays.z).toEqual(restoreRows(quantiseRowsCoarsely(arrays.z)));
    expect(back.arrays.p).toEqual(f32([1, 2], [153 / 255, 102 / 255]));
  });

  it("is the same after it was packed for a wire, in fewer bytes", () => {
    const long = { ...payload, meta: { captions: new Array(100).fill("two long legs") } };
    const packed = packPayload(long);
    expect(packed.length).toBeLessThan(encodePayload(long).length / 2);
    expect(decodePayload(packed)).toEqual(decodePayload(encodePayload(long)));
    expect(packPayload(long)).toEqual(packed);
  });

  it("is packed as it is where it would get no shorter, or has more than 1 MiB", () => {
    const noise = Uint8Array.from(
      { length: 2000 },
      (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) ^ (Math.imul(i + 7, 40503) >>> 5),
    );
    const large = { arrays: { a: u8([2 ** 20], new Uint8Array(2 ** 20)) }, meta: {} };
    for (const plain of [{ arrays: { a: u8([2000], noise) }, meta: {} }, large])
      expect(Buffer.compare(packPayload(plain), encodePayload(plain))).toBe(0);
  });

  it("refuses packed bytes that inflate beyond 1 MiB, early, and ones that end too soon", () => {
    const mark = packPayload({ arrays: {}, meta: { a: "a".repeat(99) } }).subarray(0, 8);
    const packed = (data: Uint8Array) => Uint8Array.from([...mark, ...data]);
    const fits = zlibSync(encodePayload({ arrays: {}, meta: { a: 1 } }));
    expect(decodePayload(packed(fits)).meta).toEqual({ a: 1 });
    const bomb = zlibSync(new Uint8Array(2 ** 25));
    for (const data of [bomb, fits.subarray(0, 20), new Uint8Array(0), Uint8Array.of(1, 2, 3)])
      expect(() => decodePayload(packed(data))).toThrow(/not zlib data of at most/);
    // What it inflates to counts too.
    const arrays = { a: u8([5000], new Uint8Array(5000)) };
    const short = packPayload({ arrays, meta: {} });
    expect(short.length).toBeLessThan(1000);
    expect(() => decodePayload(short, { maxBytes: 5000 })).toThrow(/more than 5000/);
  });

  it.each([
    ["", encodePayload],
    ["packed ", packPayload],
  ])("%sis read or refused, never anything else, however its bytes are changed", (_, encode) => {
    const good = encode({ ...payload, meta: { captions: ["a", "b", "c".repeat(400)] } });
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

describe("sheet", () => {
  const sheet = encodeSheet(pictures);
  const chunks = (bytes: Uint8Array) =>
    ["PLTE", "IDAT"].filter((name) => Buffer.from(bytes).includes(name));

  it.each([
    ["few colours, by a palette", pictures, ["PLTE", "IDAT"]],
    ["many, as they are", colourful, ["IDAT"]],
  ])("gives back its pictures of %s, and the same bytes again", (_, images, parts) => {
    const bytes = encodeSheet(images);
    expect(chunks(bytes)).toEqual(parts);
    expect(decodeSheet(bytes, images.shape)).toEqual(images);
    expect(encodeSheet(images)).toEqual(bytes);
  });

  it.each([
    ["RGB", colourful, 16 * (1 + 32 * 3)],
    ["palette", pictures, 8 * (1 + 8)],
  ])("refuses a %s PNG whose data inflate beyond its size, early", (_, images, size) => {
    // 8 MiB of zeros deflate to some 8 kB: spliced in as the data of the sheet.
    const bomb = zlibSync(new Uint8Array(2 ** 23));
    const sheet = encodeSheet(images);
    const at = Buffer.from(sheet).indexOf("IDAT") - 4;
    const hostile = new Uint8Array(at + 24 + bomb.length);
    hostile.set(sheet.subarray(0, at + 8));
    hostile.set(bomb, at + 8);
    new DataView(hostile.buffer).setUint32(at, bomb.length);
    expect(() => decodeSheet(hostile, images.shape)).toThrow(`does not inflate to ${size} bytes`);
  });

  it("refuses a place beyond the palette, and a palette that is not there", () => {
    const [one, many] = [new Uint8Array(64), Uint8Array.from({ length: 64 }, (_, i) => i)];
    const of = (data: Uint8Array, colours: number) =>
      encode({
        ...{ width: 8, height: 8, data, channels: 1, depth: 8 },
        palette: Array.from({ length: colours }, (_, i) => [i, i, i]),
      });
    expect(decodeSheet(of(one, 1), [4, 4, 4, 3]).data.every((value) => value === 0)).toBe(true);
    expect(() => decodeSheet(of(many, 63), [4, 4, 4, 3])).toThrow(/cannot be read/);
    const none = of(one, 1).slice();
    none.set(new TextEncoder().encode("tEXt"), 37);
    expect(() => decodeSheet(none, [4, 4, 4, 3])).toThrow(/no palette/);
  });

  it.each([
    ["another size", [3, 4, 5, 3]],
    ["no pixels", [2 ** 50, 0, 0, 3]],
    ["too many pixels", [2 ** 13, 64, 64, 3]],
    ["other channels", [3, 4, 4, 1]],
  ])("refuses %s", (_, shape) => {
    expect(() => decodeSheet(sheet, shape)).toThrow(TandemError);
  });
});

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

it("JSON that a database could not keep is refused", () => {
  for (const value of [{ a: "\0" }, { a: ["\ud800"] }, { "\0": 1 }, { a: Number.NaN }, [], null])
    expect(jsonObject.safeParse(value).success).toBe(false);
  expect(jsonObject.safeParse({ a: ["🙂\n", null, 1.5] }).success).toBe(true);
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
