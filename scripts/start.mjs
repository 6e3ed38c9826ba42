// `npm start`: set-up without a browser, then the server until Ctrl-C.
import { checkOptions } from "./options.mjs";
import { follow, setup } from "./setup.mjs";

const options = process.argv.slice(2);
await follow(async () => {
  const { publicUrl } = await checkOptions("npm start --", options, {
    file: "apps/web/server/command.ts",
    command: "serverCommand",
  });
  await setup({ browser: false, publicUrl: publicUrl?.href });
  return ["--import", "tsx", "apps/web/server/main.ts", ...options];
});
