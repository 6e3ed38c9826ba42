import type { PicturesOf } from "@tandem/client/kept-study";
import type { AskModel } from "@tandem/client/own-model/ask-model";
import type { Hit, Samples } from "@tandem/client/own-model/messages";
import { TandemError } from "@tandem/core/errors";
import { pickedOf } from "@tandem/intake/files/browser-files";
import { readPictures, stacked } from "../../lib/result/pictures";
import { useWork, type WorkOptions } from "../../lib/result/use-work";
import { text } from "../../text/result";
import { Picture } from "../join/own-data";
import { PictureButton } from "./picture-buttons";
import { TextField } from "./text-field";
import { WorkState } from "./work-state";

const words = text.search;

/** The own pictures that are nearest to a text or a picture. */
export function SearchOwn({
  ask,
  format,
}: {
  readonly ask: AskModel;
  readonly format: PicturesOf;
}) {
  const { state, run, cancel } = useWork<readonly Hit[]>();
  const find = (like: (options: WorkOptions) => Promise<Samples>) =>
    run(async (options) => ask("search", { like: await like(options), count: 12 }, options));
  const byPicture = (files: FileList) =>
    find(async (options) => {
      const { pictures, leftOut } = await readPictures(pickedOf(files), format, options);
      if (pictures.length === 0)
        throw new TandemError("bad-data", leftOut[0]?.sentence ?? words.noPicture);
      return { images: stacked(pictures.slice(0, 1), format.size) };
    });
  return (
    <div className="mt-6 space-y-4 border-t border-line pt-5">
      <TextField
        label={words.field}
        verb={words.verb}
        onText={(asked) => find(async () => ({ captions: [asked] }))}
      />
      <PictureButton onPick={byPicture} />
      <WorkState state={state} what={words.working} onCancel={cancel} />
      {state.type === "done" && (
        <ul aria-label={words.found} className="grid grid-cols-4 gap-2 sm:grid-cols-6">
          {state.value.map(({ sample: { label, caption, picture } }, i) => (
            <li key={i} className="min-w-0" title={caption ?? label}>
              {picture && <Picture picture={picture} label={caption ?? label} />}
              <span className="mt-1 block truncate text-[0.6875rem] text-ink-soft">
                {caption ?? label}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
