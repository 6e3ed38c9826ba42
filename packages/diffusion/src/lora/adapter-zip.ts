import { addPrefix } from "@tandem/core/tensor";
import { encodeSafetensors } from "@tandem/protocol/safetensors";
import { strToU8, type Zippable, zipSync } from "fflate";
import type { LoraAdapter } from "./adapter";
import { componentOf, peftFiles, writePeft } from "./peft";

/**
 * An adapter as one file for people: unpacked, diffusers' load_lora_weights and PEFT's
 * `PeftModel.from_pretrained` both take the folder. PEFT's pair is about one model; with several
 * components each has a folder of its own. The same adapter always gives the same bytes.
 */
export function adapterZip(adapter: LoraAdapter): Uint8Array {
  const { arrays, metadata } = writePeft(adapter);
  const files: Zippable = { [peftFiles.weights]: encodeSafetensors(arrays, metadata) };
  const components = [...new Set(Array.from(adapter.keys(), componentOf))];
  for (const component of components) {
    const own = [...adapter].filter(([name]) => componentOf(name) === component);
    const model = writePeft(new Map(own.map(([name, m]) => [name.slice(component.length + 1), m])));
    const folder = components.length > 1 ? `${component}/` : "";
    files[folder + peftFiles.config] = strToU8(`${JSON.stringify(model.config, null, 2)}\n`);
    files[folder + peftFiles.modelWeights] = encodeSafetensors(
      addPrefix("base_model.model.", model.arrays),
      { format: "pt" },
    );
  }
  // Floats hardly shrink, and a stored file is as large as it looks.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0) }); // the first that zip can tell
}
