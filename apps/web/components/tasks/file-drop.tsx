"use client";

import { droppedOf, type PickedFile, pickedOf } from "@tandem/intake/files/browser-files";
import { FileArchive, FolderOpen } from "lucide-react";
import { type ComponentProps, type ReactNode, useRef, useState } from "react";
import { text } from "../../text/tasks";
import { Button } from "../ui/button";

type Props = {
  /** What files are chosen for: "Public set". */
  readonly label: string;
  /** A folder can be chosen too. */
  readonly folders?: boolean;
  readonly onFiles: (files: readonly PickedFile[]) => void;
  readonly children: ReactNode;
};

/** Where a zip or a folder is dropped or chosen. */
export function FileDrop({ label, folders = false, onFiles, children }: Props) {
  const [isOver, setOver] = useState(false);
  const take = (files: readonly PickedFile[]) => files.length > 0 && onFiles(files);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for pointers; the buttons do the same
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void droppedOf(event.dataTransfer).then(take);
      }}
      className={`rounded-xl border border-dashed px-5 py-6 text-center transition-colors ${isOver ? "border-clients bg-clients-soft/60" : "border-line-strong"}`}
    >
      <p className="mx-auto max-w-prose text-sm text-ink-soft">{children}</p>
      <div className="mt-4 flex flex-wrap justify-center gap-2">
        <Picker verb={text.files.zip} of={label} accept=".zip,application/zip" onFiles={take}>
          <FileArchive aria-hidden="true" />
        </Picker>
        {folders && (
          <Picker verb={text.files.folder} of={label} webkitdirectory="" onFiles={take}>
            <FolderOpen aria-hidden="true" />
          </Picker>
        )}
      </div>
    </div>
  );
}

type PickerProps = Omit<ComponentProps<"input">, "children"> & {
  readonly verb: string;
  /** What it is chosen for. */
  readonly of: string;
  readonly webkitdirectory?: "";
  readonly onFiles: (files: readonly PickedFile[]) => void;
  readonly children: ReactNode;
};

function Picker({ verb, of, onFiles, children, ...input }: PickerProps) {
  const own = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={own}
        type="file"
        hidden
        {...input}
        onChange={({ target }) => {
          onFiles(pickedOf(target.files ?? []));
          target.value = ""; // the same file can be chosen again
        }}
      />
      <Button aria-label={text.files.pickerOf(verb, of)} onClick={() => own.current?.click()}>
        {children} {verb}
      </Button>
    </>
  );
}
