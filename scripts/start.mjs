// `npm start`: set-up without a browser, then the server until Ctrl-C.
import { follow, setup } from "./setup.mjs";

const options = process.argv.slice(2);
if (options.includes("--help")) {
  console.log("usage: npm start -- [--port 3000] [--data .tandem/data]");
} else {
  const flags = [];
  for (const [flag, value] of [
    ["--port", "3000"],
    ["--data", ".tandem/data"],
  ])
    if (!options.includes(flag)) flags.push(flag, value);
  await follow(async () => {
    await setup({ browser: false });
    return ["--import", "tsx", "apps/web/server/main.ts", ...flags, ...options];
  });
}
