import type { BackboneReference } from "@tandem/core/task";
import { startBrowserEngine } from "@tandem/engine/browser";
import { onCpu } from "@tandem/engine/reference";
import type { PictureFeatures } from "@tandem/intake/intake";
import { openBackbone } from "@tandem/models/backbone/backbone";
import { onePictureFeatures } from "@tandem/models/backbone/features";

/** The task's backbone in this worker, checked. */
export async function openFeatures(reference: BackboneReference): Promise<PictureFeatures> {
  const base = self.location.origin;
  const { gpu } = navigator as { gpu?: Parameters<typeof startBrowserEngine>[0]["gpu"] };
  await startBrowserEngine({ wasmPath: `${base}/tfjs/`, gpu });
  return onePictureFeatures(await openBackbone(reference, { base, reference: onCpu }));
}
