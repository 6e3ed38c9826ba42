"use client";

import { droppedOf, pickedOf } from "@tandem/intake/files/browser-files";
import { type DragEvent, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { patientImport } from "../../lib/join/patient-import";
import type { Add, OwnTask } from "../../lib/own-data/collection";
import { panel, sources as words } from "../../text/bring-data";
import { Button } from "../ui/button";
import { Camera, FileImage, FolderOpen, Keyboard, Upload } from "../ui/icons";

// Loaded with their buttons: most people have files.
const CameraSource = lazy(() =>
  patientImport(() => import("./camera-source")).then((loaded) => ({
    default: loaded.CameraSource,
  })),
);
const TypingSource = lazy(() =>
  patientImport(() => import("./typing-source")).then((loaded) => ({
    default: loaded.TypingSource,
  })),
);

type Props = {
  readonly task: OwnTask;
  /** There is something already. */
  readonly isSmall: boolean;
  readonly onAdd: Add;
};

/** All ways in which somebody's data comes to this page. */
export function Sources({ task, isSmall, onAdd }: Props) {
  const { classes, modalities } = task;
  const takesPictures = modalities.some((modality) => modality !== "text");
  const takesTexts = modalities.includes("text");
  const [open, setOpen] = useState<"camera" | "typing">();
  const [isOver, setIsOver] = useState(false);
  const [pasted, setPasted] = useState("");
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const toggle = (which: "camera" | "typing") => setOpen(open === which ? undefined : which);

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const data = event.clipboardData;
      if (!data || isField(event.target)) return;
      const given = Array.from(data.files);
      const text = data.getData("text/plain");
      if (given.length > 0)
        void import("../../lib/own-data/made-here").then(({ madeHere }) => {
          const { files, folders } = madeHere(words.pasted, given, classes, undefined);
          return onAdd(files, folders);
        });
      else if (takesTexts && text.trim() !== "") {
        setPasted(text);
        setOpen("typing");
      } else return;
      event.preventDefault();
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [classes, takesTexts, onAdd]);

  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const files = pickedOf(event.dataTransfer.files); // of what lies in no folder, such as another page's picture
    const dropped = await droppedOf(event.dataTransfer);
    await onAdd(dropped.length > 0 ? dropped : files);
  };
  const pick = (input: HTMLInputElement) => {
    const picked = pickedOf(input.files ?? []);
    input.value = ""; // the same files can be chosen again
    void onAdd(picked);
  };
  // Chosen before this page was ready, or by the browser when it loads a page again.
  useEffect(() => {
    for (const { current } of [files, folder]) if (current?.files?.length) pick(current);
  }, []);
  return (
    <div className="space-y-4">
      <section
        aria-label={words.label}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => void drop(event)}
        className={`flex flex-col items-center justify-center gap-4 rounded-xl border-2 border-dashed px-4 text-center transition-colors ${isSmall ? "py-4" : "py-8 sm:py-10"} ${isOver ? "border-clients bg-clients-soft" : "border-line-strong"}`}
      >
        {!isSmall && <Upload className="size-6 text-ink-faint" />}
        <div>
          <p className="text-sm font-medium">
            {isSmall ? words.more : takesPictures ? words.drop : words.dropTexts}
          </p>
          {!isSmall && <p className="mt-1 text-xs text-ink-soft">{words.hint}</p>}
        </div>
        <div className="flex flex-wrap justify-center gap-2">
          <Choice icon={<FileImage />} onClick={() => files.current?.click()}>
            {words.files}
          </Choice>
          <Choice icon={<FolderOpen />} onClick={() => folder.current?.click()}>
            {words.folder}
          </Choice>
          {takesPictures && (
            <Choice icon={<Camera />} isOpen={open === "camera"} onClick={() => toggle("camera")}>
              {words.camera}
            </Choice>
          )}
          {takesTexts && (
            <Choice icon={<Keyboard />} isOpen={open === "typing"} onClick={() => toggle("typing")}>
              {words.type}
            </Choice>
          )}
        </div>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label={words.files}
          onChange={({ currentTarget }) => pick(currentTarget)}
        />
        <input
          ref={folder}
          type="file"
          hidden
          aria-label={words.folder}
          {...{ webkitdirectory: "" }}
          onChange={({ currentTarget }) => pick(currentTarget)}
        />
      </section>
      <Suspense fallback={<p className="text-sm text-ink-soft">{panel.loading}</p>}>
        {open === "camera" && <CameraSource classes={classes} onAdd={onAdd} />}
        {open === "typing" && (
          <TypingSource key={pasted} classes={classes} initial={pasted} onAdd={onAdd} />
        )}
      </Suspense>
    </div>
  );
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("input, textarea, select") !== null;

function Choice({
  icon,
  isOpen,
  onClick,
  children,
}: {
  readonly icon: ReactNode;
  /** Of what the button opens and closes. */
  readonly isOpen?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Button onClick={onClick} {...(isOpen !== undefined && { "aria-expanded": isOpen })}>
      {icon} {children}
    </Button>
  );
}
