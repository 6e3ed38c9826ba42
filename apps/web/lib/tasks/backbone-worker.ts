import { serverAddress } from "@tandem/client/tab/server-address";
import { messageOf } from "@tandem/core/errors";
import { onCpu } from "@tandem/engine/reference";
import { loadBackbone } from "@tandem/models/backbone/backbone";
import { readBackbone } from "@tandem/models/backbone/files";
import { httpFiles } from "@tandem/models/backbone/http-files";
import { layersEncoder } from "@tandem/models/backbone/layers-encoder";
import { startEngine } from "../start-engine";
import type { CheckedBackbone, FromBackboneWorker, WantedBackbone } from "./backbone-messages";

/** As every tab will; what it finds is what a task pins. */
async function check(wanted: WantedBackbone): Promise<CheckedBackbone> {
  const { url, isTrained, layer, normalisation } = wanted;
  const { read, manifest } = httpFiles(url, { base: serverAddress() });
  const files = await readBackbone(read, manifest);
  await startEngine();
  const options = { ...wanted, reference: onCpu };
  const named = layer === undefined ? {} : { layer };
  const pinned = { url, sha256: files.sha256, ...named, normalisation };
  const bytes = files.weights.length;
  if (isTrained) {
    const { size, features, parameters } = await layersEncoder(files, options);
    return { reference: { ...pinned, size, features, parameters }, bytes };
  }
  const { size, features } = await loadBackbone(files, options);
  return { reference: { ...pinned, size, features }, bytes };
}

const tell = (message: FromBackboneWorker) => self.postMessage(message);
self.addEventListener("message", ({ data }: MessageEvent<WantedBackbone>) => {
  check(data).then(
    (checked) => tell({ type: "checked", ...checked }),
    (error: unknown) => tell({ type: "failed", message: messageOf(error) }),
  );
});
