import { Camera, FolderOpen, ImagePlus } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { text } from "../../text/result";
import { Button } from "../ui/button";

const words = text.pick;

type OnPick = (files: FileList) => void;

/** Files, a folder or the camera. */
export function PictureButtons({ onPick }: { readonly onPick: OnPick }) {
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        <Pick
          name={words.pictures}
          onPick={onPick}
          attributes={{ multiple: true, accept: "image/*" }}
        >
          <ImagePlus aria-hidden="true" /> {words.pictures}
        </Pick>
        <Pick
          name={words.cameraName}
          onPick={onPick}
          attributes={{ accept: "image/*", capture: "environment" }}
        >
          <Camera aria-hidden="true" /> {words.camera}
        </Pick>
        <Pick name={words.folderName} onPick={onPick} attributes={{ webkitdirectory: "" }}>
          <FolderOpen aria-hidden="true" /> {words.folder}
        </Pick>
      </div>
      <p className="mt-2 text-xs text-ink-soft">{words.hint}</p>
    </div>
  );
}

/** A single file. */
export const PictureButton = ({ onPick }: { readonly onPick: OnPick }) => (
  <Pick name={words.oneName} onPick={onPick} attributes={{ accept: "image/*" }}>
    <ImagePlus aria-hidden="true" /> {words.one}
  </Pick>
);

function Pick({
  name,
  attributes,
  onPick,
  children,
}: {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly onPick: OnPick;
  readonly children: ReactNode;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        aria-label={name}
        className="hidden" // the button speaks for it
        {...attributes}
        onChange={({ currentTarget }) => {
          if (currentTarget.files) onPick(currentTarget.files);
          currentTarget.value = ""; // the same file can be picked again
        }}
      />
      <Button onClick={() => input.current?.click()}>{children}</Button>
    </>
  );
}
