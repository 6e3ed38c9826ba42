import { TandemError } from "@tandem/core/errors";
import type { Teacher } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import { rankOf } from "@tandem/diffusion/lora/adapter";
import { readAdapter } from "@tandem/diffusion/lora/adapter-files";
import { writePeft } from "@tandem/diffusion/lora/peft";

/** The tensors of an adapter that a run has left, as a teacher takes them; throws what `readAdapter` does. */
export async function taughtBy(path: string): Promise<Arrays> {
  const adapter = await readAdapter(path);
  for (const [name, module] of adapter)
    if (module.alpha !== rankOf(module))
      throw new TandemError(
        "not-supported",
        `${path}: "${name}" has alpha ${module.alpha} and rank ${rankOf(module)}: give an adapter of simulate or of the dashboard, where both are equal.`,
      );
  return writePeft(adapter).arrays;
}

/** The teacher as it was after a run: what would be painted by its base alone has the adapter. */
export const taught = (teacher: Teacher, adapter: Arrays): Teacher => ({
  ...teacher,
  generate: (request, options) => teacher.generate({ adapter, ...request }, options),
  evaluate: (request, options) => teacher.evaluate({ adapter, ...request }, options),
});
