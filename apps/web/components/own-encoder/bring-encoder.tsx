"use client";

import { type Normalisation, normalisations } from "@tandem/core/task";
import { Box, FileUp, Trash2 } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { type BroughtEncoder, ownEncoder } from "../../lib/own-encoder/own-encoder";
import { text } from "../../text/own-encoder";
import { selectLook } from "../own-data/class-select";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

type Props = {
  readonly experiment: string;
  /** Of the study's pictures, pixels. */
  readonly size: number;
  readonly onKept: (isKept: boolean) => void;
};

/** A LayersModel of somebody's own in place of the study's small network. */
export function BringEncoder({ experiment, size, onKept }: Props) {
  const id = useId();
  const own = ownEncoder(experiment);
  const [normalisation, setNormalisation] = useState<Normalisation>("0..1");
  const [layer, setLayer] = useState("");
  const files = useRef<HTMLInputElement>(null);
  const state = useStore(own.store);
  useEffect(() => void own.look(), [own]);
  useEffect(() => onKept(state.type === "kept"), [onKept, state.type]);
  const bring = (input: HTMLInputElement) => {
    const picked = Array.from(input.files ?? []);
    input.value = ""; // the same files can be chosen again
    if (picked.length === 0) return;
    const named = layer.trim() === "" ? {} : { layer: layer.trim() };
    void own.bring(picked, { ...named, normalisation, openSize: size });
  };
  return (
    <div className="space-y-4">
      <p className="max-w-prose text-sm text-ink-soft">{text.about}</p>
      <div className="flex flex-wrap gap-4">
        <div className="min-w-0">
          <label htmlFor={`${id}-fed`} className="mb-1.5 block text-sm font-medium">
            {text.fed}
          </label>
          <select
            id={`${id}-fed`}
            value={normalisation}
            onChange={({ target }) =>
              setNormalisation(normalisations.find((one) => one === target.value) ?? "0..1")
            }
            className={selectLook}
          >
            {Object.entries(text.scales).map(([value, scale]) => (
              <option key={value} value={value}>
                {scale}
              </option>
            ))}
          </select>
        </div>
        <div className="min-w-0">
          <label htmlFor={`${id}-layer`} className="mb-1.5 block text-sm font-medium">
            {text.layer} <span className="font-normal text-ink-soft">{text.optional}</span>
          </label>
          <input
            id={`${id}-layer`}
            value={layer}
            maxLength={200}
            autoComplete="off"
            placeholder={text.lastLayer}
            onChange={(event) => setLayer(event.target.value)}
            className="h-10 w-full max-w-sm rounded-lg border border-line-strong bg-surface px-3 text-sm placeholder:text-ink-faint"
          />
        </div>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label={text.files}
        onChange={(event) => bring(event.target)}
      />
      <Button disabled={state.type === "checking"} onClick={() => files.current?.click()}>
        <FileUp aria-hidden="true" /> {text.choose}
      </Button>
      <EncoderState own={own} />
    </div>
  );
}

/** What is kept, what is being checked, or what is wrong with it. */
function EncoderState({ own }: { readonly own: BroughtEncoder }) {
  const state = useStore(own.store);
  const remove = (
    <Button tone="danger" onClick={() => void own.remove()}>
      <Trash2 aria-hidden="true" /> {text.remove}
    </Button>
  );
  if (state.type === "failed")
    return (
      <div className="space-y-3">
        <Alert>{state.message}</Alert>
        {remove}
      </div>
    );
  if (state.type !== "kept")
    return (
      <p role="status" className="text-sm text-ink-soft">
        {state.type === "checking" && text.checking}
      </p>
    );
  const { size, features, parameters, bytes } = state.kept;
  return (
    <div className="rounded-xl bg-good-soft p-4">
      <div role="status" className="flex gap-3">
        <Box aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good" />
        <div className="min-w-0 text-sm">
          <p className="font-medium">{text.kept(bytes)}</p>
          <p className="mt-0.5 text-ink-soft">{text.keptText(features, size, parameters)}</p>
        </div>
      </div>
      <div className="mt-3 sm:pl-7">{remove}</div>
    </div>
  );
}

/** The same where nothing can be brought any more. */
export function KeptEncoderPanel({ experiment }: { readonly experiment: string }) {
  const own = ownEncoder(experiment);
  const { type } = useStore(own.store);
  useEffect(() => void own.look(), [own]);
  if (type !== "kept" && type !== "failed") return null;
  return (
    <Panel title={text.brought}>
      <EncoderState own={own} />
    </Panel>
  );
}
