"use client";

import type { JoiningView } from "@tandem/protocol/view";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Wish } from "../../lib/join/join-query";
import { patientImport } from "../../lib/join/patient-import";
import { fits } from "../../lib/own-data/fits";
import type { Kept } from "../../lib/own-data/kept-messages";
import { counted } from "../../text/brought";
import { form } from "../../text/join";
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
          <span className="font-medium">{form.data}</span>{" "}
          <span className="text-ink-soft">
            {!own
              ? form.dealt(dataset)
              : kept
                ? form.own(counted(kept.train + kept.heldOut, kept.modality))
                : form.missing}
          </span>
        </p>
        {trainsOwn && (
          <p className="mb-1.5 text-sm">
            <span className="font-medium">{form.model}</span>{" "}
            <span className="text-ink-soft">{form.ownModel}</span>
          </p>
        )}
        {!own && (
          <Suspense fallback={<div className="min-h-11" />}>
            <KindChoice places={places} value={modality} onChange={setChoice} />
          </Suspense>
        )}
        {joining.admission === "approval" && (
          <p className="mt-2 text-sm text-ink-soft">{form.approval}</p>
        )}
        {isInvited === false && (
          <p role="status" className="mt-2 text-sm text-bad">
            {form.invitation}
          </p>
        )}
        {free === 0 && (
          <p role="status" className="mt-2 text-sm text-bad">
            {form.full}
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
          {form.join} <ArrowRight />
        </Button>
      </div>
      <div>
        <label htmlFor="name" className="mb-1.5 block text-sm font-medium">
          {form.name} <span className="font-normal text-ink-soft">{form.nameNote}</span>
        </label>
        <input
          id="name"
          name="name"
          value={name}
          maxLength={40}
          autoComplete="off"
          placeholder={form.nameExample}
          onChange={(event) => setName(event.target.value)}
          className="h-10 w-full max-w-sm rounded-lg border border-line-strong bg-surface px-3 text-sm placeholder:text-ink-faint"
        />
      </div>
    </form>
  );
}
