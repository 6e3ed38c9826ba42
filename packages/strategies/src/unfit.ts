import { type Modality, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import type { EncoderReference, Task, TaskRecord } from "@tandem/core/task";
import { mostUploadBytes } from "@tandem/protocol/payload-codec";
import type { AnyStrategy } from "./registry";

type Needing = {
  readonly title: string;
  readonly needs: {
    readonly teacher: boolean;
    readonly modalities: readonly Modality[];
    readonly readsPixels?: boolean;
    readonly sendsWeights?: boolean;
  };
};

/** Why a strategy cannot run on a task: what the task lacks, and the way out; undefined: it can. */
export function whyUnfit(
  { title, needs }: Needing,
  { task, publicSet }: { readonly task: Task; readonly publicSet?: unknown },
): string | undefined {
  const held = new Set<Modality>(task.modalities.flatMap(modalitiesOf));
  if (!needs.modalities.some((modality) => held.has(modality)))
    return `${title} learns from ${needs.modalities}, and “${task.name}” has none of it`;
  if (needs.readsPixels && task.backbone)
    return `${title} feeds models pixels, and those of “${task.name}” read its backbone's features: choose another strategy, such as FedMMKT, or a task without a backbone`;
  const large = needs.sendsWeights && task.encoder && largeUpload(task.encoder);
  if (large)
    return `${title} has every client upload all weights of its model, and those of the encoder of “${task.name}” are ${large}: choose a strategy that sends answers, such as FedMMKT, or an encoder with fewer parameters, or more of them frozen`;
  if (!needs.teacher) return undefined;
  if (task.teacher.kind === "none")
    return `${title} needs a teacher, and “${task.name}” has none: give the task one, or choose a strategy that needs none, such as FedAvg`;
  if (!publicSet)
    return `${title} needs a teacher, which needs public pictures: add a public set to “${task.name}”, or choose a strategy that needs none`;
  return undefined;
}

/** Left for what models have besides: projector, head, and a text encoder. */
const reserve = 2 ** 20;

/** How much the weights are, where that is more than an upload may have. */
function largeUpload({ parameters }: EncoderReference): string | undefined {
  const bytes = 4 * parameters;
  const most = mostUploadBytes - reserve;
  if (bytes <= most) return undefined;
  return `${formatBytes(bytes)}, more than the ${formatBytes(most)} that fit into an upload`;
}

/** Throws `bad-config` where a strategy cannot run on a task, with what the task lacks. */
export function refuseUnfit(
  strategy: Pick<AnyStrategy, "title" | "needs">,
  { task, publicSet }: TaskRecord,
): void {
  if (publicSet && task.publicLicence === "")
    throw new TandemError(
      "bad-config",
      `publicLicence: say under which terms the public set of “${task.name}” may be used`,
    );
  const why = whyUnfit(strategy, { task, publicSet });
  if (why !== undefined) throw new TandemError("bad-config", `strategy: ${why}`);
}
