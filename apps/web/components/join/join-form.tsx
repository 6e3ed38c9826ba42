"use client";

import type { JoiningView } from "@tandem/protocol/view";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Wish } from "../../lib/join/join-query";
import { patientImport } from "../../lib/join/patient-import";
import { fits } from "../../lib/own-data/fits";
import type { Kept } from "../../lib/own-data/kept-messages";
import { counted } from "../own-data/what-is-asked";
import { Button } from "../ui/button";
import { ArrowRight } from "../ui/icons";
import type { Choice } from "./kind-choice";

// Where data are dealt.
const KindChoice = lazy(() =>
  patientImport(() => import("./kind-choice")).then((loaded) => ({ default: loaded.KindChoice })),
);

export function JoinForm({
  wish,
  joining,
  isInvited,
  dataset,
  kept: there,
  trainsOwn,
  consent,
  onJoin,
}: {
  readonly wish: Wish;
  readonly joining: JoiningView;
  readonly isInvited: boolean | undefined;
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
  const kept = there && own && fits(there, own) ? there : undefined;
  const isMissing = own !== undefined && !kept;
  const isOpen = (modality: Choice) =>
    modality === "any" || places.some((place) => place.modality === modality && place.free > 0);
  const modality = isOpen(choice) ? choice : "any"; // what was wished may be gone
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
          <Suspense fallback={<div className="min-h-11" />}>
            <KindChoice places={places} value={modality} onChange={setChoice} />
          </Suspense>
        )}
        {joining.admission === "approval" && (
          <p className="mt-2 text-sm text-ink-soft">
            Whoever runs this study sees your name and how this tab computes, and decides whether to
            let you in.
          </p>
        )}
        {isInvited === false && (
          <p role="status" className="mt-2 text-sm text-bad">
            This study is by invitation. Open the link that you were sent, the whole of it, or ask
            whoever runs the study for one.
          </p>
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
          disabled={free === 0 || isMissing || !isInvited}
        >
          Join with this tab <ArrowRight />
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
