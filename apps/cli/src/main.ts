import { messageOf } from "@tandem/core/errors";
import { program } from "./program";

await program()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
