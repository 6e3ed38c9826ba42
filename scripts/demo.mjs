// `npm run demo`: set-up, then the demo itself with the options given here.
import { checkOptions } from "./options.mjs";
import { follow, setup } from "./setup.mjs";

const options = process.argv.slice(2);
await follow(async () => {
  await checkOptions("npm run demo --", options, {
    file: "apps/cli/src/demo/command.ts",
    command: "demoCommand",
  });
  await setup();
  return ["--import", "tsx", "apps/cli/src/main.ts", "demo", ...options];
});
