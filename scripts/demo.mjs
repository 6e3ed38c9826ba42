// `npm run demo`: set-up, then the demo itself with the options given here.
import { follow, setup } from "./setup.mjs";

const options = process.argv.slice(2);
await follow(async () => {
  const run = !options.includes("--help");
  await setup({ browser: run, build: run, data: run });
  return ["--import", "tsx", "apps/cli/src/main.ts", "demo", ...options];
});
