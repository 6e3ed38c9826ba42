import { messageOf } from "@tandem/core/errors";
import { onCpu } from "@tandem/engine/reference";
import { loadBackbone } from "@tandem/models/backbone/backbone";
import { readBackbone } from "@tandem/models/backbone/files";
import { httpFiles } from "@tandem/models/backbone/http-files";
import { startEngine } from "../start-engine";
import type { CheckedBackbone, FromBackboneWorker, WantedBackbone } from "./backbone-messages";

/** As every tab will; what it finds is what a task pins. */
async function check({ url, layer, ...wanted }: WantedBackbone): Promise<CheckedBackbone> {
  const { read, manifest } = httpFiles(url, { base: self.location.origin });
  const files = await readBackbone(read, manifest);
  await startEngine();
  const backbone = await loadBackbone(files, { ...wanted, layer, reference: onCpu });
  const { sha256, size, features } = backbone;
  const { normalisation } = wanted;
  const named = layer === undefined ? {} : { layer };
  return {
    reference: { url, sha256, ...named, normalisation, size, features },
    bytes: files.weights.length,
  };
}

const tell = (message: FromBackboneWorker) => self.postMessage(message);
self.addEventListener("message", ({ data }: MessageEvent<WantedBackbone>) => {
  check(data).then(
    (checked) => tell({ type: "checked", ...checked }),
    (error: unknown) => tell({ type: "failed", message: messageOf(error) }),
  );
});
