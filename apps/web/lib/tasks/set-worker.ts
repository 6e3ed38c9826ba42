import { messageOf } from "@tandem/core/errors";
import { sourceOf } from "@tandem/intake/files/picked-source";
import { browserDecoder } from "@tandem/intake/pictures/browser-decoder";
import { filesOfSet, openTaskZip, readSet } from "@tandem/intake/task/read-task";
import { captionsOf, countsOf, sheetOf } from "@tandem/intake/task/set-sheet";
import { taskZip } from "@tandem/intake/task/write-task";
import type { FromSetWorker, ReadRequest, ToSetWorker } from "./set-messages";

const tell = (message: FromSetWorker) => self.postMessage(message);

/** A zip is opened; anything else is what lies in a folder. */
async function listingOf({ files, folder }: ReadRequest) {
  const sources = files.map(sourceOf);
  const [first] = sources;
  const isZip = sources.length === 1 && /\.zip$/i.test(first.path);
  return filesOfSet(isZip ? await openTaskZip(first) : { files: sources, leftOut: [] }, folder);
}

async function read(request: ReadRequest): Promise<FromSetWorker> {
  const { folder, task } = request;
  const { set, leftOut } = await readSet(await listingOf(request), folder, {
    task,
    decoder: browserDecoder,
    progress: ({ files, filesDone }) => tell({ type: "progress", files, filesDone }),
  });
  const sheet = sheetOf(set);
  return {
    type: "read",
    set,
    counts: countsOf(set, task.classes.length),
    captions: captionsOf(set),
    leftOut: leftOut.map(({ path, line, sentence }) => ({
      path,
      ...(line !== undefined && { line }),
      reason: sentence,
    })),
    ...(sheet && { sheet }),
  };
}

self.addEventListener("message", ({ data }: MessageEvent<ToSetWorker>) => {
  const done =
    data.type === "read"
      ? read(data)
      : Promise.resolve().then(() => ({
          type: "packed" as const,
          zip: taskZip(data.task, data.sets),
        }));
  done.then(tell, (error: unknown) => tell({ type: "failed", message: messageOf(error) }));
});
