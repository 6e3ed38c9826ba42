import { once } from "node:events";
import { whiteSheet } from "@tandem/intake/task/set-sheet";
import { asShown } from "./base-of-task";
import { failureOf } from "./messages";
import type { FromPreview, PreviewOptions } from "./preview-process";
import { openTeacherOf } from "./world";

// A process of its own for one sheet, which ends with it or with its parent.
const send = (message: FromPreview) => process.send?.(message);
process.once("disconnect", () => process.exit(0));
process.once("SIGINT", () => {}); // the parent decides when to end

async function paint({ prompts, threads, ...source }: PreviewOptions): Promise<Uint8Array> {
  const painter = await openTeacherOf(source, { threads, isPlain: false }, process.env);
  const progress = (fraction: number) => send({ type: "progress", fraction });
  const images = await painter.generate({ prompts, ...asShown }, { progress });
  await painter.close();
  return whiteSheet(images);
}

const [options] = (await once(process, "message")) as [PreviewOptions]; // by `preview-process.ts`
await paint(options).then(
  (sheet) => send({ type: "done", sheet }),
  (error: unknown) => send({ type: "failed", ...failureOf(error) }),
);
