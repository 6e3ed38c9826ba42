import { expect, it } from "vitest";
import { lookOf } from "./looks";
import { mostRuns } from "./query";

it("no two of as many as fit look alike, neighbours differ in colour and dash, and the pinned one stands out", () => {
  for (const theme of ["light", "dark"] as const) {
    const looks = Array.from({ length: mostRuns }, (_, place) => lookOf(place, false, theme));
    expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(mostRuns);
    for (const [i, { colour, dash }] of looks.slice(1).entries()) {
      expect(colour).not.toBe(looks[i].colour);
      expect(dash).not.toEqual(looks[i].dash);
    }
    const pinned = lookOf(3, true, theme);
    expect(pinned.dash).toEqual([]);
    expect(pinned.width).toBeGreaterThan(1.5 * looks[3].width);
  }
});
