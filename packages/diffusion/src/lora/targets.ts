import { TandemError } from "@tandem/core/errors";
import { wholeName } from "./python-pattern";

/** Name endings, or one regular expression for whole names: PEFT's `target_modules`. */
export type TargetModules = string | readonly string[];

/** Attention as diffusers' training scripts adapt it. */
export const attentionTargets = ["to_q", "to_k", "to_v", "to_out.0"] as const;

/** Whether a module's full name is a target. Throws `bad-config` for a pattern that is none. */
export function matchesTargets(targets: TargetModules): (module: string) => boolean {
  if (typeof targets !== "string") {
    const endings = new Set(targets);
    return (module) =>
      endings.has(module) || targets.some((ending) => module.endsWith(`.${ending}`));
  }
  const pattern = wholeName(targets, "target_modules");
  return (module) => pattern.test(module);
}

/**
 * The linear and convolution modules among a model's weights that are targets. Throws `bad-config`
 * when there are none: the adapter would change nothing.
 */
export function targetModules(
  weights: Iterable<readonly [name: string, spec: { readonly shape: readonly number[] }]>,
  targets: TargetModules,
): readonly string[] {
  const matches = matchesTargets(targets);
  const modules = Array.from(weights)
    .filter(([name, { shape }]) => name.endsWith(".weight") && [2, 4].includes(shape.length))
    .map(([name]) => name.slice(0, -".weight".length))
    .filter(matches);
  if (modules.length === 0)
    throw new TandemError(
      "bad-config",
      `target_modules = ${JSON.stringify(targets)} matches no layer of this model`,
    );
  return modules;
}
