import type { BackboneReference } from "@tandem/core/task";
import { startNodeEngine } from "@tandem/engine/node";
import { loadBackbone } from "@tandem/models/backbone/backbone";
import { featuresOf } from "@tandem/models/backbone/features";
import { readBackbone } from "@tandem/models/backbone/files";
import { mobileNet, mobileNetFiles } from "@tandem/models/backbone/mobile-net";
import { pictures } from "./backbone-pictures";

// Run by backbone.spec.ts in a process of its own: Playwright's loader cannot load tfjs's gradients.
await startNodeEngine({ prefer: "wasm" });
const folder = await mobileNetFiles();
const { size, features, sha256, ...backbone } = await loadBackbone(
  await readBackbone(async (path) => folder[path]),
  mobileNet,
);
const { data } = await featuresOf({ ...backbone, features }, pictures);
const url = "/backbones/mobilenet/model.json";
const pinned: BackboneReference = { url, ...mobileNet, size, features, sha256 };
const files = Object.entries(folder).map(([path, bytes]) => [
  path,
  Buffer.from(bytes).toString("base64"),
]);
process.stdout.write(JSON.stringify({ pinned, values: Array.from(data), files }));
