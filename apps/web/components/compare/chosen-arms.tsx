"use client";

import { Pin, X } from "lucide-react";
import Link from "next/link";
import { Fragment } from "react";
import type { Drawn } from "../../lib/compare/drawn";
import { text } from "../../text/compare";
import { Panel } from "../ui/panel";
import { Segmented } from "../ui/segmented";
import { StatusBadge } from "../ui/status-badge";
import { ArmMark } from "./arm-mark";

const words = text.chosen;

type Props = {
  readonly drawn: readonly Drawn[];
  /** Some runs differ in their seed alone. */
  readonly hasSeeds: boolean;
  readonly apart: boolean;
  readonly onApart: (apart: boolean) => void;
  /** Undefined: none is. */
  readonly onPin: (id: string | undefined) => void;
  readonly onRemove: (ids: readonly string[]) => void;
};

/** What is compared, with how it is drawn; one may be pinned. */
export function ChosenArms({ drawn, hasSeeds, apart, onApart, onPin, onRemove }: Props) {
  return (
    <Panel title={words.title}>
      {hasSeeds && (
        <div className="mb-4 flex items-center gap-3 text-sm">
          <span aria-hidden="true">{words.together}</span>
          <Segmented
            label={words.together}
            value={apart ? "apart" : "together"}
            options={[
              { value: "together", text: words.asOne },
              { value: "apart", text: words.apart },
            ]}
            onChange={(value) => onApart(value === "apart")}
          />
        </div>
      )}
      {/* Links and buttons inside scroll it for keyboards. */}
      <ol className="max-h-96 divide-y divide-line overflow-y-auto">
        {drawn.map(({ arm, number, look, isPinned }) => (
          <li key={arm.id} className="flex items-start gap-2 py-2.5 first:pt-0 last:pb-0">
            <span className="pt-1">
              <ArmMark number={number} look={look} />
            </span>
            <div className="min-w-0 grow text-sm">
              <p className="font-medium break-words">
                {arm.name}
                {isPinned && (
                  <span className="ml-2 rounded-full bg-sunken px-2 py-0.5 text-xs font-normal whitespace-nowrap">
                    {words.baseline}
                  </span>
                )}
              </p>
              <p className="mt-0.5 text-xs text-ink-soft">
                {arm.runs.length > 1 && `${arm.runs.length} ${words.seedsBefore} `}
                {arm.runs.map(({ id, config }, i) => (
                  <Fragment key={id}>
                    {i > 0 && ", "}
                    <Link
                      href={`/experiments/${id}`}
                      className="underline underline-offset-2 hover:text-ink"
                      aria-label={words.open(config.name, config.seed)}
                    >
                      {arm.runs.length > 1 ? config.seed : words.seed(config.seed)}
                    </Link>
                  </Fragment>
                ))}
              </p>
              {arm.runs
                .filter(({ status }) => status !== "finished")
                .map(({ id, status, round, config }) => (
                  <p
                    key={id}
                    className="mt-1 flex flex-wrap items-center gap-2 text-xs text-ink-soft"
                  >
                    <StatusBadge status={status} />
                    {round > 0 && words.progress(round, config.rounds)}
                  </p>
                ))}
            </div>
            <span className="flex shrink-0">
              <button
                type="button"
                aria-pressed={isPinned}
                aria-label={words.pin(arm.name)}
                title={words.pin(arm.name)}
                onClick={() => onPin(isPinned ? undefined : arm.id)}
                className="rounded-lg p-2 text-ink-faint hover:bg-sunken hover:text-ink aria-pressed:text-ink"
              >
                <Pin aria-hidden="true" className={`size-4 ${isPinned ? "fill-current" : ""}`} />
              </button>
              <button
                type="button"
                aria-label={words.remove(arm.name)}
                title={words.remove(arm.name)}
                onClick={() => onRemove(arm.runs.map(({ id }) => id))}
                className="rounded-lg p-2 text-ink-faint hover:bg-sunken hover:text-ink"
              >
                <X aria-hidden="true" className="size-4" />
              </button>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
