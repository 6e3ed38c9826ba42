import { experimentId } from "@tandem/core/ids";
import { expect, it } from "vitest";
import { galleryView } from "./gallery-view";

const at = { id: experimentId("e"), round: 2 };
const painted = { shape: [5, 1, 1, 3], classes: ["dog", "cat"], pictures: "a" };

it("sheets have addresses that change with what they show", () => {
  const lessons = { images: "l", prompts: ["a", "b"], rounds: [0, 1, 2] };
  const viewOf = (pictures: string) =>
    galleryView(
      {
        ...painted,
        pictures,
        gallery: { images: "i", items: [], lessons },
        lessonsShape: [6, 1, 1, 3],
      },
      at,
    );
  expect(viewOf("a").lessons).toEqual({
    prompts: ["a", "b"],
    rounds: [0, 1, 2],
    columns: 3,
    rowColumns: 2,
    sheet: "/api/experiments/e/rounds/2/lessons.png?pictures=a",
  });
  expect(viewOf("b").lessons?.sheet).not.toBe(viewOf("a").lessons?.sheet);
  expect(viewOf("b").sheet).not.toBe(viewOf("a").sheet);
});

it("a sheet comes in parts, of which the last has what is left", () => {
  const gallery = { images: "i", items: [] };
  const { sheet, parts } = galleryView({ ...painted, shape: [40, 1, 1, 3], gallery }, at);
  expect(parts).toEqual([
    { sheet: `${sheet}&part=0`, columns: 6, count: 32 },
    { sheet: `${sheet}&part=1`, columns: 3, count: 8 },
  ]);
});

it("a gallery without lessons has no sheet of them", () => {
  const view = galleryView({ ...painted, gallery: { images: "i", items: [] } }, at);
  expect(view).toMatchObject({ columns: 3, imageSize: 1, sheet: expect.stringContaining("sheet") });
  expect(view).not.toHaveProperty("lessons");
});
