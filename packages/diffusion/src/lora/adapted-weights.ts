import { TandemError } from "@tandem/core/errors";
import { addPrefix, type TensorOf, underPrefix } from "@tandem/core/tensor";
import type { LoraAdapter } from "./adapter";
import { mergeAdapter } from "./merge";

const components = ["unet", "text_encoder"] as const;
type Weights = Readonly<Record<string, TensorOf<"f32">>>;

/** All of a model's weights, "unet." and so on before their names, with an adapter merged in. */
export function adaptedWeights(weights: Weights, adapter: LoraAdapter): Weights {
  const stranger = [...adapter.keys()].find(
    (module) => !components.some((component) => module.startsWith(`${component}.`)),
  );
  if (stranger)
    throw new TandemError(
      "bad-data",
      `the adapter changes "${stranger}", which is in neither of ${components.join(", ")}`,
    );
  const adapted: Record<string, TensorOf<"f32">> = { ...weights };
  for (const component of components) {
    const merged = mergeAdapter(underPrefix(`${component}.`, weights), adapter, { component });
    Object.assign(adapted, addPrefix(`${component}.`, merged));
  }
  return adapted;
}
