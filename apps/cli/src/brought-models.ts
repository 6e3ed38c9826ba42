import { plural } from "@tandem/core/format";
import type { Task } from "@tandem/core/task";
import { startNodeEngine } from "@tandem/engine/node";
import { onCpu } from "@tandem/engine/reference";
import { type Backbone, openBackbone } from "@tandem/models/backbone/backbone";
import { type LayersEncoder, openEncoder } from "@tandem/models/backbone/layers-encoder";

export type BroughtModels = {
  readonly backbone?: Backbone | undefined;
  readonly encoder?: LayersEncoder | undefined;
};

/** The models that a task names, checked as a tab would; `base`: the server, for paths on it. */
export async function openModels(
  { backbone, encoder }: Pick<Task, "backbone" | "encoder">,
  options: { readonly base: string; readonly signal?: AbortSignal },
): Promise<BroughtModels> {
  if (!backbone && !encoder) return {};
  await startNodeEngine();
  const checked = { ...options, reference: onCpu };
  return {
    backbone: backbone && (await openBackbone(backbone, checked)),
    encoder: encoder && (await openEncoder(encoder, checked)),
  };
}

/** What there is to say of them, a line each. */
export const linesOfModels = ({ backbone, encoder }: BroughtModels): readonly string[] => [
  ...(backbone
    ? [`backbone: ${plural(backbone.features, "feature")} of ${sides(backbone.size)}`]
    : []),
  ...(encoder
    ? [
        `encoder: ${plural(encoder.features, "feature")} of ${sides(encoder.size)}, ${plural(encoder.parameters, "number")} trained`,
      ]
    : []),
];

const sides = (size: number) => `${size} x ${size} pixels`;
