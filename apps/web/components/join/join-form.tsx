"use client";

import type { ClientModality } from "@tandem/core/data";
import type { JoiningView } from "@tandem/protocol/view";
import { ArrowRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Wish } from "../../lib/join/join-query";
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
  consent,
  onJoin,
}: {
  readonly wish: Wish;
  readonly joining: JoiningView;
  readonly dataset: string;
  /** What somebody agrees to. */
  readonly consent: ReactNode;
  readonly onJoin: (wish: Wish) => void;
}) {
  const [name, setName] = useState(wish.name ?? "");
  const [choice, setChoice] = useState<Choice>(wish.modality ?? "any");
  const { places } = joining;
  const free = places.reduce((sum, place) => sum + place.free, 0);
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
          ...(modality !== "any" && { modality }),
        });
      }}
    >
      <input type="hidden" name="auto" value="1" />
      {/* Where participants bring data of their own, this is where they choose it. */}
      <div>
        <p className="mb-1.5 text-sm">
          <span className="font-medium">Data:</span>{" "}
          <span className="text-ink-soft">a small share of {dataset}, from the server.</span>
        </p>
        <Segmented label="Train on" value={modality} onChange={setChoice} options={options} />
        {free === 0 && (
          <p role="status" className="mt-2 text-sm text-bad">
            All places are taken. This page looks again every 10 seconds.
          </p>
        )}
      </div>
      {consent}
      <div className="sticky bottom-0 -mx-5 border-t border-line bg-surface px-5 py-3 sm:static sm:mx-0 sm:border-0 sm:p-0">
        <Button
          type="submit"
          tone="primary"
          className="min-h-12 w-full px-6 text-base sm:w-auto"
          disabled={free === 0}
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
