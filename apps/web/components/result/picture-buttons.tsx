import { Camera, FolderOpen, ImagePlus } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { Button } from "../ui/button";

/** Files, a folder or the camera. */
export function PictureButtons({ onPick }: { readonly onPick: (files: FileList) => void }) {
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        <Pick name="Pictures" onPick={onPick} attributes={{ multiple: true, accept: "image/*" }}>
          <ImagePlus aria-hidden="true" /> Pictures
        </Pick>
        <Pick
          name="Take a picture"
          onPick={onPick}
          attributes={{ accept: "image/*", capture: "environment" }}
        >
          <Camera aria-hidden="true" /> Camera
        </Pick>
        <Pick name="A folder of pictures" onPick={onPick} attributes={{ webkitdirectory: "" }}>
          <FolderOpen aria-hidden="true" /> A folder
        </Pick>
      </div>
      <p className="mt-2 text-xs text-ink-soft">Or paste a picture, or drop some here.</p>
    </div>
  );
}

function Pick({
  name,
  attributes,
  onPick,
  children,
}: {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly onPick: (files: FileList) => void;
  readonly children: ReactNode;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        aria-label={name}
        tabIndex={-1}
        className="sr-only"
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
