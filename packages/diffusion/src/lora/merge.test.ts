import { TandemError } from "@tandem/core/errors";
import { type Arrays, arrayOf, f32 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { adapterFor, random, type Shapes, small } from "../testing/random-adapter";
import { loraModule } from "./adapter";
import { mergeAdapter, unmergeAdapter } from "./merge";

const baseOf = (shapes: Shapes): Arrays =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, random(...shape)]));

describe("merging", () => {
  it("adds alpha / r · B A to the weight", () => {
    // B A = [1, 2]ᵀ [3, 4] = [[3, 4], [6, 8]]; factor: weight 0.5 · alpha 2 / rank 1 = 1
    const module = loraModule("unet.a", {
      down: f32([1, 2], [3, 4]),
      up: f32([2, 1], [1, 2]),
      alpha: 2,
    });
    const base = { "a.weight": f32([2, 2], [1, 1, 1, 1]), b: f32([1], [9]) };
    const how = { component: "unet", weight: 0.5 };
    const merged = mergeAdapter(base, new Map([["unet.a", module]]), how);
    expect([...merged["a.weight"].data]).toEqual([4, 5, 7, 9]);
    expect(merged.b).toBe(base.b);
    expect([...base["a.weight"].data]).toEqual([1, 1, 1, 1]);
  });

  it("of a 3 x 3 convolution adds what running both convolutions would", () => {
    const name = "down_blocks.0.resnets.1.conv1.weight";
    const base = baseOf({ [name]: [3, 2, 3, 3] });
    const adapter = adapterFor({ [name]: [3, 2, 3, 3] }, { alpha: 2 });
    const merged = arrayOf(mergeAdapter(base, adapter, { component: "unet" }), name, "f32");
    const patch = random(18); // one place of the picture: (in, kh, kw)
    const [{ down, up }] = adapter.values();
    for (let o = 0; o < 3; o++) {
      let [expected, found] = [0, 0];
      for (let i = 0; i < 18; i++) {
        found += merged.data[o * 18 + i] * patch.data[i];
        expected += base[name].data[o * 18 + i] * patch.data[i];
        for (let r = 0; r < 2; r++)
          expected += up.data[o * 2 + r] * down.data[r * 18 + i] * patch.data[i];
      }
      expect(found).toBeCloseTo(expected, 4);
    }
  });

  it("and unmerging give the base back, to the rounding of f32", () => {
    const base = baseOf(small);
    const adapter = adapterFor(small);
    const how = { component: "unet", weight: 0.7 };
    const merged = mergeAdapter(base, adapter, how);
    const back = unmergeAdapter(merged, adapter, how);
    for (const [name, { data }] of Object.entries(base))
      data.forEach((value, i) => {
        // one rounding at the merged weight and one at the difference, 2^-24 each
        const bound = (Math.abs(merged[name].data[i]) + Math.abs(value)) * 2 ** -24;
        expect(Math.abs(back[name].data[i] - value)).toBeLessThanOrEqual(bound);
        expect(merged[name].data[i]).not.toBe(value);
      });
  });

  it("leaves other components' modules to them, and keeps half weights half", () => {
    const adapter = adapterFor({ "x.weight": [2, 2] }, { component: "text_encoder" });
    const base = baseOf({ "x.weight": [2, 2] });
    expect(mergeAdapter(base, adapter, { component: "unet" })).toEqual(base);
    const halves = {
      "x.weight": { dtype: "f16", shape: [2, 2], data: new Uint16Array(4) },
    } as const;
    const merged = mergeAdapter(halves, adapter, { component: "text_encoder" });
    expect(merged["x.weight"].dtype).toBe("f16");
  });

  it("is refused where the adapter does not fit", () => {
    const adapter = adapterFor({ "x.weight": [2, 2] });
    const merge = (base: Arrays) => () => mergeAdapter(base, adapter, { component: "unet" });
    expect(merge({})).toThrow(/"unet.x" fits no weight/);
    expect(merge(baseOf({ "x.weight": [3, 2] }))).toThrow(/is for \[2,2\], the weight is \[3,2\]/);
    expect(merge(baseOf({ "x.weight": [2, 2, 3, 3] }))).toThrow(TandemError);
    expect(merge(baseOf({ "x.weight": [2, 2, 1, 1] }))).not.toThrow();
  });
});
