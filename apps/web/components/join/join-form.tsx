"use client";

import { ArrowRight } from "lucide-react";
import { useState } from "react";
import type { Wish } from "../../lib/join/join-query";
import { Button } from "../ui/button";
import { Segmented } from "../ui/segmented";

const modalities = [
  { value: "any", text: "Any" },
  { value: "image", text: "Pictures" },
  { value: "text", text: "Captions" },
  { value: "image-text", text: "Both" },
] as const;
type Choice = (typeof modalities)[number]["value"];

export function JoinForm({
  wish,
  onJoin,
}: {
  readonly wish: Wish;
  readonly onJoin: (wish: Wish) => void;
}) {
  const [name, setName] = useState(wish.name ?? "");
  const [modality, setModality] = useState<Choice>(wish.modality ?? "any");
  return (
    <form
      className="space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        onJoin({
          ...(name.trim() && { name: name.trim() }),
          ...(modality !== "any" && { modality }),
        });
      }}
    >
      <div>
        <label htmlFor="name" className="mb-1.5 block text-sm font-medium">
          Name <span className="font-normal text-ink-soft">(optional)</span>
        </label>
        <input
          id="name"
          value={name}
          maxLength={40}
          autoComplete="off"
          placeholder="e.g. Kitchen laptop"
          aria-describedby="name-hint"
          onChange={(event) => setName(event.target.value)}
          className="h-10 w-full max-w-sm rounded-lg border border-line-strong bg-surface px-3 text-sm placeholder:text-ink-faint"
        />
        <p id="name-hint" className="mt-1 text-xs text-ink-soft">
          Shown on the dashboard to everybody who can open it.
        </p>
      </div>
      <div>
        <p aria-hidden="true" className="mb-1.5 text-sm font-medium">
          Train on
        </p>
        <Segmented label="Train on" value={modality} onChange={setModality} options={modalities} />
      </div>
      <Button type="submit" tone="primary" className="min-h-12 px-6 text-base">
        Join with this tab <ArrowRight aria-hidden="true" />
      </Button>
    </form>
  );
}
