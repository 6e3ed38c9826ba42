import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRng } from "@tandem/core/rng";
import { f32, sizeOf } from "@tandem/core/tensor";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import { unzipSync } from "fflate";
import { afterEach, expect, it, vi } from "vitest";
import { type LoraAdapter, loraModule } from "./adapter";
import { readAdapter } from "./adapter-files";
import { adapterZip } from "./adapter-zip";

const names = JSON.parse(
  await readFile(
    new URL("../../fixtures/diffusers/stable-diffusion-names.json", import.meta.url),
    "utf8",
  ),
) as { readonly "lora-sd1.5-attn": { readonly peft: readonly string[] } };
const recorded = names["lora-sd1.5-attn"].peft;
const modules = [...new Set(recorded.map((name) => name.replace(/\.lora_.*/, "")))];

const rng = createRng("adapter-zip");
const random = (...shape: number[]) =>
  f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
/** Rank 2, alpha 3, but for the last, which has alpha 5. */
const adapterOf = (list: readonly string[]): LoraAdapter =>
  new Map(
    list.map((name, i) => {
      const alpha = i === list.length - 1 ? 5 : 3;
      return [name, loraModule(name, { down: random(2, 4), up: random(3, 2), alpha })];
    }),
  );

let directory = "";
afterEach(() => rm(directory, { recursive: true, force: true }));
async function unpacked(zip: Uint8Array): Promise<string> {
  directory = await mkdtemp(join(tmpdir(), "tandem-zip-"));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), bytes);
  }
  return directory;
}
const tensorNames = (bytes: Uint8Array) => Object.keys(decodeSafetensors(bytes).arrays).sort();

it("an adapter comes back from its zip to the bit, by diffusers' file and by PEFT's", async () => {
  const adapter = adapterOf(modules);
  const folder = await unpacked(adapterZip(adapter));
  expect(await readAdapter(folder)).toEqual(adapter);
  const own = join(folder, "adapter_model.safetensors");
  expect(await readAdapter(own, { component: "unet" })).toEqual(adapter);
});

it("an adapter comes back from the zip itself, of one model or of two", async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-zip-"));
  const path = join(directory, "émoji-round-3-adapter.zip");
  for (const adapter of [
    adapterOf(modules),
    adapterOf(["text_encoder.text_model.encoder.layers.0.mlp.fc1", "unet.conv_in"]),
  ]) {
    await writeFile(path, adapterZip(adapter));
    expect(await readAdapter(path)).toEqual(adapter);
  }
});

it("what PEFT reads of it is read without being told the model", async () => {
  const adapter = adapterOf(["text_encoder.text_model.encoder.layers.0.mlp.fc1", "unet.conv_in"]);
  const folder = await unpacked(adapterZip(adapter));
  for (const component of ["text_encoder", "unet"])
    expect([...(await readAdapter(join(folder, component)))]).toEqual(
      [...adapter].filter(([name]) => name.startsWith(component)),
    );
});

it("its files have the names that diffusers and PEFT have written themselves", () => {
  const files = unzipSync(adapterZip(adapterOf(modules)));
  expect(Object.keys(files).sort()).toEqual([
    "adapter_config.json",
    "adapter_model.safetensors",
    "pytorch_lora_weights.safetensors",
  ]);
  expect(tensorNames(files["pytorch_lora_weights.safetensors"])).toEqual([...recorded].sort());
  // PeftModel wraps one model as `base_model.model`, and knows nothing of the pipeline around it.
  expect(tensorNames(files["adapter_model.safetensors"])).toEqual(
    recorded.map((name) => name.replace(/^unet\./, "base_model.model.")).sort(),
  );
  const config = JSON.parse(new TextDecoder().decode(files["adapter_config.json"]));
  expect(config).toMatchObject({ peft_type: "LORA", r: 2, lora_alpha: 3 });
  expect(config.target_modules).toEqual(modules.map((name) => name.slice("unet.".length)));
});

it("adapters of two models have a folder for each in PEFT's names", async () => {
  const adapter = adapterOf(["text_encoder.layers.0.fc1", "unet.conv_in"]);
  const folder = await unpacked(adapterZip(adapter));
  expect(await readAdapter(folder)).toEqual(adapter);
  for (const component of ["text_encoder", "unet"])
    expect([...(await readAdapter(join(folder, component), { component }))]).toEqual(
      [...adapter].filter(([name]) => name.startsWith(component)),
    );
});

it("the same adapter is the same file, whenever it is packed", () => {
  const adapter = adapterOf(modules.slice(0, 2));
  const zip = adapterZip(adapter);
  vi.useFakeTimers({ now: Date.UTC(2031, 5, 6), toFake: ["Date"] });
  expect(adapterZip(adapter)).toEqual(zip);
  vi.useRealTimers();
});
