import { serverAddress } from "@tandem/client/tab/server-address";
import type { BackboneReference } from "@tandem/core/task";
import { onCpu } from "@tandem/engine/reference";
import type { PictureFeatures } from "@tandem/intake/intake";
import { openBackbone } from "@tandem/models/backbone/backbone";
import { onePictureFeatures } from "@tandem/models/backbone/features";
import { startEngine } from "../start-engine";

/** The task's backbone in this worker, checked. */
export async function openFeatures(reference: BackboneReference): Promise<PictureFeatures> {
  await startEngine();
  const base = serverAddress();
  return onePictureFeatures(await openBackbone(reference, { base, reference: onCpu }));
}
