"use client";

import type { ClientModality } from "@tandem/core/data";
import type { JoiningView } from "@tandem/protocol/view";
import { ArrowRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Wish } from "../../lib/join/join-query";
import type { Kept } from "../../lib/own-data/kept-messages";
import { misfitOf } from "../../lib/own-data/misfit";
import { counted } from "../own-data/what-is-asked";
import { Button } from "../ui/button";
import { Segmented } from "../ui/segmented";

const kinds: Readonly<Record<ClientModality, string>> = {
  image: "Pictures",
  text: "Captions",
  "image-text": "Both",
};
type Choice = ClientModality | "any";

export function JoinForm({
  wish,
  joining,
  dataset,
  kept: there,
  trainsOwn,
  consent,
  onJoin,
}: {
  readonly wish: Wish;
  readonly joining: JoiningView;
  readonly dataset: string;
  /** Of the participant's own, where the study asks for it. */
  readonly kept: Kept | undefined;
  /** A model of pictures that the participant has brought. */
  readonly trainsOwn: boolean;
  /** What somebody agrees to. */
  readonly consent: ReactNode;
  readonly onJoin: (wish: Wish) => void;
}) {
  const [name, setName] = useState(wish.name ?? "");
  const [choice, setChoice] = useState<Choice>(wish.modality ?? "any");
  const { places, own } = joining;
  const free = own ? own.free : places.reduce((sum, place) => sum + place.free, 0);
  const kept = there && own && misfitOf(there, own) === undefined ? there : undefined;
  const isMissing = own !== undefined && !kept;
  const isOpen = (modality: Choice) =>
    modality === "any" || places.some((place) => place.modality === modality && place.free > 0);
  const modality = isOpen(choice) ? choice : "any"; // what was wished may be gone
  const options = [
    { value: "any" as Choice, text: "Any" },
    ...places.map((place) => ({
      value: place.modality as Choice,
      text: kinds[place.modality],
      note: place.free > 0 ? `${place.free} free` : "taken",
      disabled: place.free === 0,
    })),
  ];
  return (
    // Sent before the page's scripts have come, it joins by its address.
    <form
      method="get"
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        onJoin({
          ...(name.trim() && { name: name.trim() }),
          ...(own ? kept && { modality: kept.modality } : modality !== "any" && { modality }),
        });
      }}
    >
      <input type="hidden" name="auto" value="1" />
      <div>
        <p className="mb-1.5 text-sm">
          <span className="font-medium">Data:</span>{" "}
          <span className="text-ink-soft">
            {!own
              ? `a small share of ${dataset}, from the server.`
              : kept
                ? `your own, ${counted(kept.train + kept.heldOut, kept.modality)}.`
                : "your own. Bring it above and keep it in this browser, then join here."}
          </span>
        </p>
        {trainsOwn && (
          <p className="mb-1.5 text-sm">
            <span className="font-medium">Model:</span>{" "}
            <span className="text-ink-soft">your own, for pictures.</span>
          </p>
        )}
        {!own && (
          <Segmented label="Train on" value={modality} onChange={setChoice} options={options} />
        )}
        {free === 0 && (
          <p role="status" className="mt-2 text-sm text-bad">
            All places are taken. This page looks again every 10 seconds.
          </p>
        )}
      </div>
      {consent}
      <div
        className={`-mx-5 border-t border-line bg-surface px-5 py-3 sm:static sm:mx-0 sm:border-0 sm:p-0 ${isMissing ? "" : "sticky bottom-0"}`}
      >
        <Button
          type="submit"
          tone="primary"
          className="min-h-12 w-full px-6 text-base sm:w-auto"
          disabled={free === 0 || isMissing}
        >
          Join with this tab <ArrowRight aria-hidden="true" />
        </Button>
      </div>
      <div>
        <label htmlFor="name" className="mb-1.5 block text-sm font-medium">
          Name <span className="font-normal text-ink-soft">(optional, shown to others)</span>
        </label>
        <input
          id="name"
          name="name"
          value={name}
          maxLength={40}
          autoComplete="off"
          placeholder="e.g. Kitchen laptop"
          onChange={(event) => setName(event.target.value)}
          className="h-10 w-full max-w-sm rounded-lg border border-line-strong bg-surface px-3 text-sm placeholder:text-ink-faint"
        />
      </div>
    </form>
  );
}
