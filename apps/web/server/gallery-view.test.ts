import { experimentId } from "@tandem/core/ids";
import { u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { galleryView } from "./gallery-view";

const pictures = (count: number) => u8([count, 1, 1, 3], new Uint8Array(3 * count));
const at = { id: experimentId("e"), round: 2 };
const painted = { images: pictures(5), classes: ["dog", "cat"] };

it("lessons have a sheet whose address changes with each that is added", () => {
  const viewOf = (rounds: readonly number[]) =>
    galleryView(
      {
        ...painted,
        gallery: { images: "i", items: [], lessons: { images: "l", prompts: ["a", "b"], rounds } },
        lessons: pictures(2 * rounds.length),
      },
      at,
    ).lessons;
  expect(viewOf([0, 1, 2])).toEqual({
    prompts: ["a", "b"],
    rounds: [0, 1, 2],
    columns: 3,
    sheet: "/api/experiments/e/rounds/2/lessons.png?after=2",
  });
  expect(viewOf([0, 1])?.sheet).not.toBe(viewOf([0, 1, 2])?.sheet);
});

it("a gallery without lessons has no sheet of them", () => {
  const view = galleryView({ ...painted, gallery: { images: "i", items: [] } }, at);
  expect(view).toMatchObject({ columns: 3, imageSize: 1, sheet: expect.stringContaining("sheet") });
  expect(view).not.toHaveProperty("lessons");
});
