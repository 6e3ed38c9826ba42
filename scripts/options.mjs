// The options of a program are explained, or refused, before anything is built for it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, setup } from "./setup.mjs";

/** The values given; ends the process on --help and on an option that the command does not take, each with a text. */
export async function checkOptions(name, options, { file, command }) {
  await setup({ browser: false, build: false, data: false }); // what the command's own file needs
  const { tsImport } = await import("tsx/esm/api");
  const module = await tsImport(pathToFileURL(join(root, file)).href, import.meta.url);
  return module[command]()
    .name(name)
    .action(() => {})
    .parse(options, { from: "user" })
    .opts();
}
