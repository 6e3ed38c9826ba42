import { defineConfig } from "@playwright/test";
import { chromiumFlags, chromiumPath, webgpuFlags } from "@tandem/cli/fleet/chromium";

export default defineConfig({
  testDir: "e2e",
  // Every spec runs a server, a teacher and several training tabs: one at a time.
  workers: 1,
  fullyParallel: false,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  outputDir: ".cache/playwright",
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: chromiumPath(import.meta.dirname),
      args: [...chromiumFlags, ...webgpuFlags, "--use-fake-device-for-media-stream"],
    },
  },
});
