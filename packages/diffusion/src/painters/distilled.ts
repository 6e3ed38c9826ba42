import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { type DiffusionModel, loadModel } from "../diffusion-model";
import { readTextFile } from "../files/text-file";

/** A request of so many steps at this guidance is answered by the model in as many single passes. */
export type Answers = { readonly steps: number; readonly guidance: number };
export type Distilled = Answers & { readonly model: DiffusionModel };

/** Folder below the base's own. */
export const distilledFolder = "distilled";
const fileName = "distilled.json";

export async function writeAnswers(directory: string, { steps, guidance }: Answers): Promise<void> {
  await writeFile(join(directory, fileName), `${JSON.stringify({ steps, guidance }, null, 2)}\n`);
}

/** The model that a base has been distilled into; undefined where it has none. */
export async function loadDistilled(base: string): Promise<Distilled | undefined> {
  const directory = join(base, distilledFolder);
  const path = join(directory, fileName);
  if (!existsSync(path)) return undefined;
  const { steps, guidance }: Partial<Answers> = JSON.parse(await readTextFile(path));
  if (!Number.isInteger(steps) || typeof guidance !== "number" || guidance < 0)
    throw new TandemError(
      "corrupt",
      `${path} does not say which "steps" and "guidance" it answers`,
    );
  return { steps: Number(steps), guidance, model: await loadModel(directory) };
}
