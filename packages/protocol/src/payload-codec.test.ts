import { TandemError } from "@tandem/core/errors";
import { f32, u8 } from "@tandem/core/tensor";
import fc from "fast-check";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import {
  decodePayload,
  decodeUpload,
  encodePayload,
  openPayload,
  packPayload,
  unpackPayload,
} from "./payload-codec";
import { quantiseRowsCoarsely, restoreRows } from "./quantise";
import { encodeSheet } from "./sheet";

const pictures = u8(
  [3, 4, 4, 3],
  Array.from({ length: 144 }, (_, i) => (i * 37) % 256),
);

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

  it("opened gives a sheet as it is kept, and unpacks what is read alone", () => {
    const bytes = encodePayload({ ...payload, arrays: { ...payload.arrays, q: f32([1], [1]) } });
    bytes.fill(255, bytes.length - 8); // within the last array, the rows
    const { payload: opened, sheetOf, shapeOf } = openPayload(bytes);
    expect(sheetOf("images")).toEqual(encodeSheet(pictures));
    expect(sheetOf("p")).toBeUndefined();
    expect([shapeOf("images"), shapeOf("none")]).toEqual([[3, 4, 4, 3], undefined]);
    expect(Object.keys(opened.arrays).sort()).toEqual(["images", "p", "q", "z"]);
    expect(opened.arrays.images).toBe(opened.arrays.images);
    expect(opened.arrays.images).toEqual(pictures);
    expect(() => opened.arrays.z).toThrow('"z" holds values that are not finite');
    expect(() => decodePayload(bytes)).toThrow('"z" holds values that are not finite');
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

  it("comes back from coarse encodings as they read it", () => {
    const arrays = { z: f32([1, 2], [0.7, -0.31]), p: f32([1, 2], [0.6, 0.4]) };
    const encoding = { z: "i4-rows", p: "u8-shares" } as const;
    const back = decodePayload(encodePayload({ arrays, meta: {}, encoding }));
    expect(back.encoding).toEqual(encoding);
    expect(back.arrays.z).toEqual(restoreRows(quantiseRowsCoarsely(arrays.z)));
    expect(back.arrays.p).toEqual(f32([1, 2], [153 / 255, 102 / 255]));
  });

  it("is the same after it was packed for a wire, in fewer bytes", async () => {
    const long = { ...payload, meta: { captions: new Array(100).fill("two long legs") } };
    const packed = await packPayload(long);
    expect(packed.length).toBeLessThan(encodePayload(long).length / 2);
    expect(await unpackPayload(packed)).toEqual(decodePayload(encodePayload(long)));
    expect(await packPayload(long)).toEqual(packed);
  });

  it("is packed as it is where it would get no shorter, has under 512 bytes, or more than 1 MiB", async () => {
    const noise = Uint8Array.from(
      { length: 2000 },
      (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) ^ (Math.imul(i + 7, 40503) >>> 5),
    );
    const large = { arrays: { a: u8([2 ** 20], new Uint8Array(2 ** 20)) }, meta: {} };
    const small = { arrays: { a: u8([300], new Uint8Array(300)) }, meta: {} };
    for (const plain of [{ arrays: { a: u8([2000], noise) }, meta: {} }, large, small])
      expect(Buffer.compare(await packPayload(plain), encodePayload(plain))).toBe(0);
  });

  it("refuses packed bytes that inflate beyond 1 MiB, early, and ones that end too soon", async () => {
    const mark = (await packPayload({ arrays: {}, meta: { a: "a".repeat(999) } })).subarray(0, 8);
    const packed = (data: Uint8Array) => Uint8Array.from([...mark, ...data]);
    const fits = zlibSync(encodePayload({ arrays: {}, meta: { a: 1 } }));
    expect((await unpackPayload(packed(fits))).meta).toEqual({ a: 1 });
    const bomb = zlibSync(new Uint8Array(2 ** 25));
    for (const data of [bomb, fits.subarray(0, 20), new Uint8Array(0), Uint8Array.of(1, 2, 3)])
      await expect(unpackPayload(packed(data))).rejects.toThrow(/not zlib data of at most/);
  });

  it.each([
    ["", async (...given: Parameters<typeof encodePayload>) => encodePayload(...given)],
    ["packed ", packPayload],
  ])(
    "%sis read or refused, never anything else, however its bytes are changed",
    async (_, encode) => {
      const good = await encode({ ...payload, meta: { captions: ["a", "b", "c".repeat(400)] } });
      await fc.assert(
        fc.asyncProperty(
          fc.nat(good.length - 1),
          fc.integer({ min: 0, max: 255 }),
          fc.nat(good.length),
          async (at, value, cut) => {
            const changed = good.slice(0, cut < 20 ? good.length - cut : good.length);
            if (at < changed.length) changed[at] = value;
            try {
              await unpackPayload(changed);
            } catch (error) {
              expect(error).toBeInstanceOf(TandemError);
            }
          },
        ),
        { numRuns: 2000 },
      );
    },
  );
});

describe("an upload", () => {
  const outline = {
    arrays: { p: { dtype: "f32", shape: [2, [1, 3]] }, mask: { dtype: "u8", shape: [2] } },
    meta: { set: 5, note: undefined },
  } as const;
  const honest = {
    arrays: { p: f32([2, 3], [1, 0, 0, 0, 0, 1]), mask: u8([2], [0, 1]) },
    meta: { set: 5, note: "n".repeat(600) },
    encoding: { p: "f16" },
  } as const;

  it("comes back, however it is packed", async () => {
    const [packed, plain] = [await packPayload(honest), encodePayload(honest)];
    expect(packed.length).toBeLessThan(plain.length / 2);
    for (const bytes of [packed, plain])
      expect(await decodeUpload(bytes, outline)).toEqual(await unpackPayload(bytes));
  });

  it("holds no picture: one of 48 MiB in half a kilobyte is not unpacked", async () => {
    const size = 4096;
    const row = new Uint8Array(size * (1 + size * 3));
    const pictures = { image: u8([1, size, size, 3], row.subarray(0, size * size * 3)) };
    const plain = { arrays: pictures, meta: {}, encoding: { image: "png" } } as const;
    const bytes = await packPayload(plain);
    expect(bytes.length).toBeLessThan(3000);
    const wanted = {
      arrays: { image: { dtype: "u8", shape: [1, size, size, 3] } },
      meta: {},
    } as const;
    const started = process.cpuUsage();
    for (let i = 0; i < 8; i++)
      await expect(decodeUpload(bytes, wanted)).rejects.toThrow(/uploads hold none/);
    const { user, system } = process.cpuUsage(started);
    // Unpacking it eight times takes some six seconds.
    expect((user + system) / 1e6).toBeLessThan(0.5);
  });

  it("is refused by its header, of which alone so much is inflated", async () => {
    const bytes = await packPayload({
      ...honest,
      arrays: { ...honest.arrays, p: f32([2, 20_000], new Float32Array(40_000)) },
    });
    expect(bytes.length).toBeLessThan(1000);
    // What follows the header is not looked at.
    const cut = bytes.subarray(0, 200);
    for (const part of [bytes, cut])
      await expect(decodeUpload(part, outline)).rejects.toThrow(
        '"p" is f32 [2,20000], not f32 [2,1..3]',
      );
    const other = await packPayload({ ...honest, meta: { ...honest.meta, set: 4 } });
    await expect(decodeUpload(other, outline)).rejects.toThrow("set is 4, not 5");
  });

  it("of a model not yet known is bounded by its bytes", async () => {
    const any = { arrays: {}, others: "", meta: {} };
    const weights = (rows: number) => ({ w: f32([rows, 1024], new Float32Array(rows * 1024)) });
    const model = { arrays: weights(1000), meta: {} };
    expect((await decodeUpload(await packPayload(model), any)).arrays.w.shape).toEqual([
      1000, 1024,
    ]);
    const large = encodePayload({ arrays: weights(2049), meta: {} });
    await expect(decodeUpload(large, any)).rejects.toThrow(/more than/);
    const wide = { arrays: weights(4000), meta: {}, encoding: { w: "i8-rows" } } as const;
    await expect(decodeUpload(encodePayload(wide), any)).rejects.toThrow(/more than 16777216/);
    const ints = { arrays: { w: u8([1], [1]) }, meta: {} };
    await expect(decodeUpload(encodePayload(ints), any)).rejects.toThrow(/is u8 \[1\], not f32/);
  });
});
