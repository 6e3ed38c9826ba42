import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import type { Coordinator } from "@tandem/coordinator/coordinator";
import { createPaintBudget } from "../paint-budget";
import { createPaintings, type PaintingOptions, type Paintings } from "../paintings";

/** Paintings of experiments that have no teacher, unless one is given. */
export const testPaintings = (
  coordinator: Coordinator,
  change: Partial<PaintingOptions> = {},
): Paintings =>
  createPaintings({
    ...coordinator,
    teacher: async () => absentTeacher,
    hasTeacher: () => change.teacher !== undefined,
    isRemote: async () => false,
    budget: createPaintBudget(join(tmpdir(), "tandem-no-paintings.json")),
    spend: async () => {},
    now: Date.now,
    random: () => randomBytes(16).toString("hex"),
    logError: (error) => console.error(error),
    ...change,
  });
