import type { PicturesOf } from "@tandem/client/kept-study";
import type { AskModel } from "@tandem/client/own-model/ask-model";
import type { ModelInfo } from "@tandem/client/own-model/messages";
import { modalitiesOf } from "@tandem/core/data";
import { droppedOf, type PickedFile, pickedOf } from "@tandem/intake/files/browser-files";
import { type DragEvent, useEffect } from "react";
import { type Answered, answersTo, ranked } from "../../lib/result/answers";
import { readPictures } from "../../lib/result/pictures";
import { useWork } from "../../lib/result/use-work";
import { text } from "../../text/result";
import { Panel } from "../ui/panel";
import { Answers } from "./answers";
import { PictureButtons } from "./picture-buttons";
import { SearchOwn } from "./search-own";
import { TextField } from "./text-field";
import { WorkState } from "./work-state";

const words = text.tryIt;

/** Pictures, a folder of them or a text, and what the model says; nothing of it leaves the tab. */
export function TryIt({
  ask,
  info,
  format,
}: {
  readonly ask: AskModel;
  readonly info: ModelInfo;
  readonly format: PicturesOf | undefined;
}) {
  const { state, run, cancel } = useWork<Answered>();
  const { classes, task } = info;
  const held = modalitiesOf(info.modality);
  const canSearch = info.modality === "image-text" && task !== "classification";
  const tryPictures = (files: readonly PickedFile[]) =>
    format &&
    files.length > 0 &&
    run(async (options) => {
      const part = (from: number) => ({
        ...options,
        progress: (fraction: number) => options.progress(from + fraction / 2),
      });
      const { pictures, leftOut } = await readPictures(files, format, part(0));
      return { answers: await answersTo(ask, pictures, { classes, format }, part(0.5)), leftOut };
    });
  const tryText = (asked: string) =>
    run(async (options) => {
      const shares = await ask("classify", { captions: [asked] }, options);
      return { answers: [{ of: asked, classes: ranked(shares, classes)[0] }], leftOut: [] };
    });
  const readsPictures = held.includes("image") && format !== undefined;
  usePastedPictures(readsPictures ? tryPictures : undefined);
  const drop = (event: DragEvent) => {
    if (!readsPictures || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void droppedOf(event.dataTransfer).then(tryPictures);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut for the buttons inside
    <div onDragOver={(event) => readsPictures && event.preventDefault()} onDrop={drop}>
      <Panel
        title={words.title}
        description={task === "retrieval" ? words.matches : words.knows(classes.length)}
      >
        {task !== "retrieval" && (
          <div className="space-y-4">
            {readsPictures && <PictureButtons onPick={(list) => tryPictures(pickedOf(list))} />}
            {held.includes("text") && (
              <TextField label={words.field} verb={words.ask} onText={tryText} />
            )}
            <WorkState state={state} what={words.working} onCancel={cancel} />
            {state.type === "done" && <Answers answered={state.value} side={format?.size ?? 0} />}
          </div>
        )}
        {canSearch && format && <SearchOwn ask={ask} format={format} />}
      </Panel>
    </div>
  );
}

/** Pictures that are pasted anywhere on the page, except into a field. */
function usePastedPictures(onPaste: ((files: readonly PickedFile[]) => unknown) | undefined) {
  useEffect(() => {
    if (!onPaste) return;
    const paste = ({ clipboardData, target }: ClipboardEvent) => {
      const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      const files = Array.from(clipboardData?.files ?? []).filter(({ type }) =>
        type.startsWith("image/"),
      );
      if (!isField && files.length > 0) onPaste(pickedOf(files));
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [onPaste]);
}
