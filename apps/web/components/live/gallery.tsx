"use client";

import type { ExperimentView, GalleryView } from "@tandem/protocol/view";
import { useState } from "react";
import { chosen, type GalleryFilter, galleryFilters } from "../../lib/live/gallery";
import { useResource } from "../../lib/use-resource";
import { Button } from "../ui/button";
import { Empty, Panel } from "../ui/panel";
import { Segmented } from "../ui/segmented";
import { GalleryPicture } from "./gallery-item";

const description =
  "What the teacher painted, the prompt, its class, and the class that the clients see, with their confidence. Accepted pictures count most in the teacher's lesson.";

export function Gallery({ view }: { readonly view: ExperimentView }) {
  const rounds = view.rounds.filter(({ gallery }) => gallery).map(({ round }) => round);
  const [picked, setPicked] = useState<number>();
  const round = picked ?? rounds.at(-1);
  return (
    <Panel
      title="Synthetic pictures"
      description={description}
      actions={
        round !== undefined && (
          <label className="flex items-center gap-2 text-sm text-ink-soft">
            Round
            <select
              value={round}
              onChange={(event) => setPicked(Number(event.target.value))}
              className="figures h-9 rounded-lg border border-line-strong bg-surface px-2 text-ink"
            >
              {rounds.map((n) => (
                <option key={n}>{n}</option>
              ))}
            </select>
          </label>
        )
      }
    >
      {round === undefined ? (
        <Empty title="No pictures yet">
          They appear once the teacher has painted the first round's set.
        </Empty>
      ) : (
        <Pictures path={galleryPath(view, round)} />
      )}
    </Panel>
  );
}

/** Verdicts and lessons come in later phases of the round: it is fetched again with each. */
export const galleryPath = ({ id, rounds }: ExperimentView, round: number): string =>
  `/api/experiments/${id}/rounds/${round}/gallery?phases=${rounds.find((r) => r.round === round)?.phases.length ?? 0}`;

const page = 32;

const filterText: Readonly<Record<GalleryFilter, string>> = {
  all: "All",
  accepted: "Accepted",
  agree: "Clients agree",
  disagree: "Clients disagree",
};

function Pictures({ path }: { readonly path: string }) {
  const resource = useResource<GalleryView>(path);
  const [filter, setFilter] = useState<GalleryFilter>("all");
  const [limit, setLimit] = useState(page);
  if (resource.type === "loading")
    return (
      <div role="status" className="h-64 animate-pulse rounded-xl bg-sunken">
        <span className="sr-only">Loading pictures</span>
      </div>
    );
  if (resource.type === "failed") return <Failed {...resource} />;
  const gallery = resource.value;
  const indices = chosen(gallery.items, filter);
  return (
    <>
      <Segmented
        label="Which pictures"
        value={filter}
        onChange={setFilter}
        options={galleryFilters.map((value) => ({
          value,
          text: filterText[value],
          note: String(chosen(gallery.items, value).length),
        }))}
      />
      {indices.length === 0 && (
        <p className="mt-5 text-sm text-ink-soft">No picture of this kind in this round.</p>
      )}
      <div
        aria-busy={!resource.fresh}
        className="mt-5 grid grid-cols-2 gap-x-3 gap-y-5 aria-busy:[&_[role=img]]:opacity-50 sm:grid-cols-4 md:grid-cols-6 lg:grid-cols-8"
      >
        {indices.slice(0, limit).map((index) => (
          <GalleryPicture key={index} gallery={gallery} index={index} />
        ))}
      </div>
      {indices.length > limit && (
        <Button className="mt-5" onClick={() => setLimit(limit + page * 2)}>
          Show {Math.min(page * 2, indices.length - limit)} more, of {indices.length}
        </Button>
      )}
    </>
  );
}

export const Failed = ({ message, retry }: { readonly message: string; retry(): void }) => (
  <div role="alert" className="text-sm">
    <p className="mb-3 text-bad">{message}</p>
    <Button onClick={retry}>Try again</Button>
  </div>
);
