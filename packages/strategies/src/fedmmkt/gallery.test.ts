import { f32, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { wholeState } from "../testing/whole-state";

/** Four pictures of one class; the viewers accept the first and doubt the third. */
const accepted = (critics: "clients" | "none", importances?: readonly number[]) => {
  const prompts = ["a", "b", "c", "d"];
  const state = wholeState({
    arrays: {
      "verdict/accepted": u8([4], [1, 0, 0, 0]),
      "verdict/seen": f32([4, 2], [0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.9, 0.1]),
      ...(importances && { importances: f32([4], importances) }),
    },
    meta: { set: 1, classes: 2, prompts, captions: prompts, labels: [0, 0, 0, 0] },
  });
  const { gallery } = strategyNamed("fedmmkt").server({ critics });
  return gallery?.(state)?.items.map((item) => item.accepted);
};

it("pictures that count for an average one or more in the critics' lesson are shown as accepted", () => {
  expect(accepted("clients", [0.2, 1.8, 1.8, 0.2])).toEqual([false, true, false, false]);
  expect(accepted("clients", [0, 0, 0, 0])).toEqual([false, false, false, false]);
});

it("without critics those are that their judges accept", () => {
  expect(accepted("none")).toEqual([true, false, false, false]);
});
