"use client";

import type { Sample } from "@tandem/intake/intake";
import { memo, useEffect, useRef } from "react";
import { text } from "../../text/own-data";

type Props = {
  readonly sample: Sample;
  /** Of its picture, in pixels. */
  readonly side: number;
  /** Of its class, for people. */
  readonly className: string;
  readonly isChosen: boolean;
  /** `isRange`: with all that lies between it and the one before. */
  readonly onChoose: (id: string, isRange: boolean) => void;
};

/** One sample as a box to tick: what it shows, and the class that it has. */
export const Thumbnail = memo(function Thumbnail(props: Props) {
  const { sample, side, className, isChosen, onChoose } = props;
  const { id, from, picture, caption } = sample;
  const box = useRef<HTMLInputElement>(null);
  return (
    <li className={picture ? "min-w-0" : "col-span-4 min-w-0 sm:col-span-3 lg:col-span-4"}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: of the keyboard the box hears itself */}
      <label
        title={from}
        onMouseDown={(event) => event.shiftKey && event.preventDefault()} // selects no text
        onClick={(event) => {
          // Not every browser takes a click with a key for one of the box.
          if (!event.shiftKey || event.target === box.current) return;
          event.preventDefault();
          box.current?.focus();
          onChoose(id, true);
        }}
        className={`block cursor-pointer rounded-lg border-2 p-1 has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-clients ${isChosen ? "border-clients bg-clients-soft" : "border-transparent hover:bg-sunken"}`}
      >
        <input
          ref={box}
          type="checkbox"
          className="sr-only"
          aria-label={text.grid.sample(className, caption ?? from)}
          checked={isChosen}
          onChange={({ nativeEvent }) => onChoose(id, (nativeEvent as MouseEvent).shiftKey)}
        />
        {picture && <Pixels picture={picture} side={side} />}
        {caption && <span className="mt-1 line-clamp-2 block text-xs break-words">{caption}</span>}
        <span
          className={`mt-0.5 block truncate text-xs ${sample.label === undefined ? "text-bad" : "text-ink-soft"}`}
        >
          {className}
        </span>
      </label>
    </li>
  );
});

function Pixels({ picture, side }: { readonly picture: Uint8Array; readonly side: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const rgba = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let i = 0; i < side * side; i++)
      for (let channel = 0; channel < 3; channel++)
        rgba[4 * i + channel] = picture[3 * i + channel];
    canvas.current?.getContext("2d")?.putImageData(new ImageData(rgba, side, side), 0, 0);
  }, [picture, side]);
  return (
    <canvas
      ref={canvas}
      width={side}
      height={side}
      className="pixels aspect-square w-full rounded-md border border-line bg-white"
    />
  );
}
