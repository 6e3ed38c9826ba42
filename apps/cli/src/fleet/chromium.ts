import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Tabs behind others must compute as fast as the one in front. */
export const chromiumFlags: readonly string[] = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

/** WebGPU in software, for machines without a GPU. */
export const webgpuFlags: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

/** The browser that set-up has found. */
export function chromiumPath(root: string): string {
  try {
    return readFileSync(join(root, ".cache/chromium-path"), "utf8").trim();
  } catch (cause) {
    throw new Error("No Chromium is known yet: run `node scripts/setup.mjs` first.", { cause });
  }
}
