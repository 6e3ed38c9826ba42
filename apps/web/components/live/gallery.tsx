"use client";

import type { GalleryView } from "@tandem/protocol/live-view";
import type { ExperimentView } from "@tandem/protocol/view";
import { useState } from "react";
import {
  agreementByClass,
  chosen,
  type GalleryFilter,
  galleryFilters,
  galleryPath,
  taughtRounds,
} from "../../lib/live/gallery";
import { type Resource, useResource } from "../../lib/use-resource";
import { text } from "../../text/experiment";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { Segmented } from "../ui/segmented";
import { GalleryPicture } from "./gallery-item";
import { Lessons } from "./lessons";
import { RoundScrubber } from "./round-scrubber";

/** What the teacher has painted: the same prompts by round, and a round's set. Nothing before there is a set. */
export function Pictures({ view }: { readonly view: ExperimentView }) {
  const shown = view.rounds.filter(({ pictures }) => pictures !== undefined);
  const last = shown.at(-1);
  if (!last) return null;
  return <Shown view={view} rounds={shown.map(({ round }) => round)} last={last.round} />;
}

function Shown({
  view,
  rounds,
  last,
}: {
  readonly view: ExperimentView;
  readonly rounds: readonly number[];
  readonly last: number;
}) {
  const [picked, setPicked] = useState<number>();
  const round = picked ?? last;
  const byNumber = (wanted: number) => view.rounds.find((one) => one.round === wanted);
  const latest = useResource<GalleryView>(galleryPath(view, byNumber(last) ?? { round: last }));
  const other = useResource<GalleryView>(galleryPath(view, byNumber(round) ?? { round }));
  const taught = taughtRounds(view.rounds);
  const lessons = latest.type === "ready" ? latest.value.lessons : undefined;
  return (
    <>
      {lessons && taught.length > 0 && <Lessons view={view} lessons={lessons} rounds={taught} />}
      <Panel
        title={text.gallery.title}
        description={text.gallery.text}
        actions={
          <RoundScrubber
            label={text.gallery.scrub}
            rounds={rounds}
            value={round}
            onChange={(next) => setPicked(next === last ? undefined : next)}
          />
        }
      >
        <Round resource={other} />
      </Panel>
    </>
  );
}

const page = 24;

function Round({
  resource,
}: {
  readonly resource: Resource<GalleryView> & { readonly retry: () => void };
}) {
  const [filter, setFilter] = useState<GalleryFilter>("all");
  const [limit, setLimit] = useState(page);
  if (resource.type === "loading")
    return (
      <div role="status" className="h-64 animate-pulse rounded-xl bg-sunken">
        <span className="sr-only">{text.gallery.loading}</span>
      </div>
    );
  if (resource.type === "failed") return <Failed {...resource} />;
  const gallery = resource.value;
  const indices = chosen(gallery.items, filter);
  const more = Math.min(page * 2, indices.length - limit);
  return (
    <>
      <Segmented
        label={text.gallery.which}
        value={filter}
        onChange={setFilter}
        options={galleryFilters.map((value) => ({
          value,
          text: text.gallery.filters[value],
          note: String(chosen(gallery.items, value).length),
        }))}
      />
      {indices.length === 0 && (
        <p className="mt-5 text-sm text-ink-soft">{text.gallery.noneOfKind}</p>
      )}
      <div
        aria-busy={!resource.fresh}
        className="mt-5 grid grid-cols-2 gap-x-3 gap-y-5 aria-busy:[&_[role=img]]:opacity-50 sm:grid-cols-4 md:grid-cols-6 lg:grid-cols-8"
      >
        {indices.slice(0, limit).map((index) => (
          <GalleryPicture key={index} gallery={gallery} index={index} />
        ))}
      </div>
      {more > 0 && (
        <Button className="mt-5" onClick={() => setLimit(limit + page * 2)}>
          {text.gallery.more(more, indices.length)}
        </Button>
      )}
      <ByClass gallery={gallery} />
    </>
  );
}

function ByClass({ gallery }: { readonly gallery: GalleryView }) {
  const classes = agreementByClass(gallery);
  if (classes.length === 0) return null;
  return (
    <section aria-label={text.gallery.byClass} className="mt-6 border-t border-line pt-5">
      <h3 className="text-sm font-semibold">{text.gallery.byClass}</h3>
      <dl className="mt-3 grid gap-x-6 gap-y-1.5 text-xs sm:grid-cols-2 lg:grid-cols-4">
        {classes.map(({ name, agreed, judged }) => (
          <div key={name} className="grid grid-cols-[minmax(0,1fr)_4rem_3rem] items-center gap-2">
            <dt className="truncate text-ink-soft" title={name}>
              {name}
            </dt>
            <dd aria-hidden="true" className="h-1.5 overflow-hidden rounded-full bg-sunken">
              <div className="h-full bg-good" style={{ width: `${(100 * agreed) / judged}%` }} />
            </dd>
            <dd className="figures text-right">{text.gallery.ofClass(agreed, judged)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const Failed = ({ message, retry }: { readonly message: string; retry(): void }) => (
  <div role="alert" className="text-sm">
    <p className="mb-3 text-bad">{message}</p>
    <Button onClick={retry}>{text.tryAgain}</Button>
  </div>
);
