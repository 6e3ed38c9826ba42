"use client";

import type { ClientState, PreviewSample } from "@tandem/client/messages";
import { memo, useEffect, useRef } from "react";
import { broughtWords } from "../../lib/tasks/brought-text";
import { text } from "../../text/taking-part";
import type { Storage } from "./use-storage";

type Props = Pick<ClientState, "preview"> & {
  readonly assignment: NonNullable<ClientState["assignment"]>;
  readonly data: ClientState["data"];
  readonly storage: Storage | undefined;
  /** Brought by the participant, not dealt. */
  readonly isOwn: boolean;
  /** The browser does not keep all of it. */
  readonly endsWithTab: boolean;
};

const words = text.data;

function keptText({ persisted }: Storage, endsWithTab: boolean): string {
  if (endsWithTab) return words.untilClosed;
  return persisted ? words.untilCleared : words.whileRoom;
}

/** What this tab trains on. Nothing of it is sent anywhere. */
export const OwnData = memo(function OwnData({
  assignment,
  preview,
  data,
  storage,
  isOwn,
  endsWithTab,
}: Props) {
  const what = broughtWords[assignment.modality];
  const rows = [
    ...(isOwn ? [] : [[words.place, String(assignment.slot)]]),
    [words.data, isOwn ? words.own(what) : words.dealt(what, assignment.source)],
    [words.samples, String(assignment.samples)],
    [words.model, assignment.architecture],
    ...(data
      ? [[words.loaded, data.stored ? words.fromBrowser : words.downloaded(data.bytes)]]
      : []),
    ...(storage
      ? [
          [words.stored, words.storedOf(storage.usage, storage.quota)],
          [words.kept, keptText(storage, endsWithTab)],
        ]
      : []),
  ];
  return (
    <>
      <dl className="text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4 border-b border-line py-1.5">
            <dt className="text-ink-soft">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {preview.length > 0 && (
        <>
          <p className="mt-4 text-xs text-ink-soft">{words.some(preview.length)}</p>
          <ul aria-label={words.list} className="mt-2 grid grid-cols-4 gap-2">
            {preview.map((sample, i) => (
              <Sample key={i} sample={sample} />
            ))}
          </ul>
        </>
      )}
    </>
  );
});

function Sample({ sample: { label, caption, picture } }: { readonly sample: PreviewSample }) {
  const said = caption ? `${label}: ${caption}` : label;
  if (!picture)
    return (
      <li className="col-span-4 rounded-lg bg-sunken px-3 py-2 text-xs">
        <span className="font-medium">{label}</span>{" "}
        <span className="text-ink-soft">{caption}</span>
      </li>
    );
  return (
    <li className="min-w-0" title={said}>
      <Picture picture={picture} label={said} />
      <span className="mt-1 block truncate text-[0.6875rem] text-ink-soft">{caption ?? label}</span>
    </li>
  );
}

export function Picture({
  picture: { side, rgba },
  label,
}: {
  readonly picture: NonNullable<PreviewSample["picture"]>;
  readonly label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pixels = new ImageData(new Uint8ClampedArray(rgba), side, side);
    canvas.current?.getContext("2d")?.putImageData(pixels, 0, 0);
  }, [rgba, side]);
  return (
    <canvas
      ref={canvas}
      width={side}
      height={side}
      role="img"
      aria-label={label}
      className="pixels aspect-square w-full rounded-md border border-line bg-white"
    />
  );
}
