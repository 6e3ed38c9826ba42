import { startNodeEngine } from "@tandem/engine/node";
import { probe } from "./engine-probe";

// Run by engine.spec.ts in a process of its own: Playwright's loader cannot load tfjs's gradients.
await startNodeEngine({ prefer: "wasm" });
process.stdout.write(JSON.stringify(await probe()));
