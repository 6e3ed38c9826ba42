"use client";

import { formatBytes } from "@tandem/core/format";
import { type Normalisation, normalisations } from "@tandem/core/task";
import { Box, FileUp, Trash2 } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { type BroughtEncoder, ownEncoder } from "../../lib/own-encoder/own-encoder";
import { selectLook } from "../own-data/class-select";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

const fed: Readonly<Record<Normalisation, string>> = {
  "0..1": "0 to 1",
  "-1..1": "-1 to 1",
  "0..255": "0 to 255",
  imagenet: "ImageNet: less the mean, by the deviation",
};

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
      <p className="max-w-prose text-sm text-ink-soft">
        A LayersModel of TensorFlow.js can read the pictures in place of the small network that you
        would get. It is checked, kept and trained in this browser: neither its files nor its
        weights are sent. Others see that you train a model of your own, and no more of it.
      </p>
      <div className="flex flex-wrap gap-4">
        <div className="min-w-0">
          <label htmlFor={`${id}-fed`} className="mb-1.5 block text-sm font-medium">
            It is fed pixels of
          </label>
          <select
            id={`${id}-fed`}
            value={normalisation}
            onChange={({ target }) =>
              setNormalisation(normalisations.find((one) => one === target.value) ?? "0..1")
            }
            className={selectLook}
          >
            {Object.entries(fed).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
        <div className="min-w-0">
          <label htmlFor={`${id}-layer`} className="mb-1.5 block text-sm font-medium">
            Layer of the features <span className="font-normal text-ink-soft">(optional)</span>
          </label>
          <input
            id={`${id}-layer`}
            value={layer}
            maxLength={200}
            autoComplete="off"
            placeholder="the last"
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
        aria-label="model.json and its weight files"
        onChange={(event) => bring(event.target)}
      />
      <Button disabled={state.type === "checking"} onClick={() => files.current?.click()}>
        <FileUp aria-hidden="true" /> Choose model.json and weights
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
      <Trash2 aria-hidden="true" /> Remove it
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
        {state.type === "checking" && "Checking layers, shapes and gradients"}
      </p>
    );
  const { size, features, parameters, bytes } = state.kept;
  return (
    <div className="rounded-xl bg-good-soft p-4">
      <div role="status" className="flex gap-3">
        <Box aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good" />
        <div className="min-w-0 text-sm">
          <p className="font-medium">Your model is kept in this browser, {formatBytes(bytes)}</p>
          <p className="mt-0.5 text-ink-soft">
            It makes {features} features of {size} × {size} pixels, and{" "}
            {parameters.toLocaleString("en")} of its numbers are trained. Who joins from this
            browser trains it.
          </p>
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
    <Panel title="The model that you brought">
      <EncoderState own={own} />
    </Panel>
  );
}
