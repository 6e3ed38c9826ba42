"use client";

import type { TaskClass } from "@tandem/core/task";
import { useEffect, useRef, useState } from "react";
import { noCamera, openCamera, pictureOf } from "../../lib/own-data/camera";
import type { Add } from "../../lib/own-data/collection";
import { madeHere } from "../../lib/own-data/made-here";
import { text } from "../../text/own-data";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";

const words = text.camera;

/** Between two pictures while a button is held. */
const everyMs = 250;

type Taken = { readonly label: number; readonly pictures: readonly Blob[] };

/** Pictures of what the camera sees: a button for each class, held to take several. */
export function CameraSource({
  classes,
  onAdd,
}: {
  readonly classes: readonly TaskClass[];
  readonly onAdd: Add;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [isReady, setIsReady] = useState(false);
  const [taken, setTaken] = useState<readonly Taken[]>([]);
  const timer = useRef<ReturnType<typeof setInterval>>(undefined);
  const stop = () => clearInterval(timer.current);

  useEffect(() => {
    let ended = false;
    let stream: MediaStream | undefined;
    openCamera(navigator.mediaDevices).then(
      (opened) => {
        stream = opened;
        if (ended) return end(opened);
        if (video.current) video.current.srcObject = opened;
      },
      (error) => void (ended || setProblem(noCamera(error))),
    );
    return () => {
      ended = true;
      clearInterval(timer.current);
      if (stream) end(stream);
    };
  }, []);

  const take = async (label: number) => {
    if (!video.current) return;
    const picture = await pictureOf(video.current);
    setTaken((before) => {
      const pictures = before.find((one) => one.label === label)?.pictures ?? [];
      const others = before.filter((one) => one.label !== label);
      return [...others, { label, pictures: [...pictures, picture] }];
    });
  };
  const hold = (label: number) => {
    stop();
    void take(label);
    timer.current = setInterval(() => void take(label), everyMs);
  };
  const use = () => {
    const made = taken.map(({ label, pictures }) =>
      madeHere(words.files, pictures, classes, label),
    );
    setTaken([]);
    void onAdd(
      made.flatMap(({ files }) => files),
      new Map(made.flatMap(({ folders }) => [...folders])),
    );
  };
  if (problem) return <Alert>{problem}</Alert>;
  const count = (label: number) => taken.find((one) => one.label === label)?.pictures.length ?? 0;
  const all = taken.reduce((sum, { pictures }) => sum + pictures.length, 0);
  return (
    <section aria-label={words.title} className="space-y-3 rounded-xl border border-line p-4">
      <video
        ref={video}
        autoPlay
        muted
        playsInline
        aria-label={words.view}
        onPlaying={() => setIsReady(true)}
        className="aspect-square w-full max-w-64 rounded-lg bg-sunken object-cover"
      />
      <p className="text-xs text-ink-soft">{isReady ? words.ready : words.waiting}</p>
      <div className="flex flex-wrap gap-2">
        {classes.map(({ name }, label) => (
          <Button
            key={name}
            disabled={!isReady}
            className="touch-none select-none"
            onPointerDown={(event) => event.button === 0 && hold(label)}
            onPointerUp={stop}
            onPointerLeave={stop}
            onPointerCancel={stop}
            onContextMenu={(event) => event.preventDefault()}
            // Of a keyboard, which repeats the key while it is held; a pointer has had its turn.
            onClick={(event) => event.detail === 0 && void take(label)}
          >
            {name} <span className="figures text-xs text-ink-soft">{count(label)}</span>
          </Button>
        ))}
      </div>
      <Button tone="primary" disabled={all === 0} onClick={use}>
        {words.add}
      </Button>
    </section>
  );
}

const end = (stream: MediaStream) => {
  for (const track of stream.getTracks()) track.stop();
};
