import { f32, sizeOf, u8 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import type { Painter } from "../painters/painter";

/** What every painter must do; `open` gives one that paints `prompts`, three or more. */
export function painterContract(
  name: string,
  open: () => Promise<Painter>,
  prompts: readonly string[],
): void {
  const request = { prompts, seed: 1, steps: 2, guidance: 2 };
  const one = { ...request, prompts: prompts.slice(0, 1) };

  describe(`${name} as a painter`, () => {
    it("paints one picture of its size for each prompt, and none for none", async () => {
      const painter = await open();
      const side = painter.imageSize;
      const images = await painter.generate(request);
      expect(images.dtype).toBe("u8");
      expect(images.shape).toEqual([prompts.length, side, side, 3]);
      expect(images.data.constructor).toBe(Uint8Array);
      expect(images.data.length).toBe(prompts.length * side * side * 3);
      const none = await painter.generate({ ...request, prompts: [] });
      expect(none.shape).toEqual([0, side, side, 3]);
      expect(none.data.length).toBe(0);
      await painter.close();
    });

    it("reports how far it is, never backwards, up to 1", async () => {
      const painter = await open();
      const reported: number[] = [];
      await painter.generate(request, {
        progress(fraction, note) {
          expect(note).not.toBe("");
          reported.push(fraction);
        },
      });
      expect(reported.length).toBeGreaterThan(1);
      expect(reported).toEqual([...reported].sort((a, b) => a - b));
      expect(reported[0]).toBeGreaterThan(0);
      expect(reported.at(-1)).toBe(1);
      await painter.close();
    });

    it("stops when it is told to, before it begins or under way", async () => {
      const painter = await open();
      await expect(
        painter.generate(request, { signal: AbortSignal.abort() }),
      ).rejects.toMatchObject({ code: "cancelled" });
      const abort = new AbortController();
      await expect(
        painter.generate(request, { signal: abort.signal, progress: () => abort.abort() }),
      ).rejects.toMatchObject({ code: "cancelled" });
      expect((await painter.generate(one)).shape[0]).toBe(1);
      await painter.close();
    });

    it("repeats a request to the byte if it says that it can", async () => {
      const painter = await open();
      const [first, again] = [await painter.generate(request), await painter.generate(request)];
      expect(again.shape).toEqual(first.shape);
      if (painter.abilities.repeat) expect(again.data).toEqual(first.data);
      await painter.close();
    });

    it("paints from the noise that it is given, or refuses it", async () => {
      const painter = await open();
      const { noiseShape } = painter.abilities;
      const shape = noiseShape ?? [1];
      const values = { length: sizeOf(shape) };
      const [a, b] = [1, 2].map((i) => Array.from(values, (_, at) => Math.sin(i * (at + 1) ** 2)));
      const paint = (rows: readonly (readonly number[])[], seed: number) =>
        painter.generate({
          ...request,
          prompts: rows.map(() => prompts[0]),
          seed,
          noise: f32([rows.length, ...shape], rows.flat()),
        });
      if (noiseShape) {
        const { data } = await paint([a, b], 1);
        const half = data.length / 2;
        expect(data.subarray(0, half)).not.toEqual(data.subarray(half));
        const turned = await paint([b, a], 2);
        expect(turned.data.subarray(half)).toEqual(data.subarray(0, half));
        expect(turned.data.subarray(0, half)).toEqual(data.subarray(half));
        const noise = f32([1, 1], [0]);
        await expect(painter.generate({ ...one, noise })).rejects.toMatchObject({
          code: "bad-data",
        });
      } else await expect(paint([a], 1)).rejects.toMatchObject({ code: "not-supported" });
      await painter.close();
    });

    it("trains an adapter that it paints with, or refuses both", async () => {
      const painter = await open();
      const side = painter.imageSize;
      const lesson = {
        rank: 1,
        samples: {
          images: u8([1, side, side, 3], new Uint8Array(side * side * 3)),
          captions: one.prompts,
          weights: [1],
        },
        replay: { share: 0, rows: [] },
        steps: 1,
        batchSize: 1,
        learningRate: 1e-3,
        seed: 1,
      };
      if (painter.abilities.finetune) {
        const { adapter, losses } = await painter.finetune(lesson);
        expect(losses).toHaveLength(1);
        expect((await painter.generate({ ...one, adapter })).shape[0]).toBe(1);
      } else {
        const refusal = { code: "not-supported" };
        await expect(painter.finetune(lesson)).rejects.toMatchObject(refusal);
        const adapter = { a: u8([1], [1]) };
        await expect(painter.generate({ ...one, adapter })).rejects.toMatchObject(refusal);
      }
      await painter.close();
    });

    it("closes more than once", async () => {
      const painter = await open();
      await painter.generate(one);
      await painter.close();
      await expect(painter.close()).resolves.toBeUndefined();
    });
  });
}
