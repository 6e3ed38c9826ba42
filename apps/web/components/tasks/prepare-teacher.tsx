"use client";

import { asSentence, formatDuration, formatNumber, formatWholePercent } from "@tandem/core/format";
import { defaultMinutes, mostMinutes } from "@tandem/protocol/preparation";
import type { PreparationView } from "@tandem/protocol/view";
import { Play, RotateCcw, Square } from "lucide-react";
import { type ReactNode, useEffect, useId, useState, useTransition } from "react";
import { toast } from "sonner";
import { basePath } from "../../lib/base-path";
import { post, request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/tasks";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Empty } from "../ui/panel";
import { ProgressBar } from "../ui/progress-bar";

type Props = {
  readonly task: string;
  /** Shipped bases of the task's size that a training may begin with. */
  readonly bases?: readonly { readonly name: string; readonly title: string }[];
  /** What can be done while the task has a base that can be its teacher. */
  readonly whenReady?: ReactNode;
};

const lookEveryMs = 2000;

/** Trains a base from a task's public set: start, progress with samples, stop, go on. */
export function PrepareTeacher({ task, bases = [], whenReady }: Props) {
  const path = `/api/tasks/${task}/prepare`;
  const resource = useResource<PreparationView>(path);
  const [busy, run] = useTransition();
  const view = resource.type === "ready" ? resource.value : undefined;
  const { retry } = resource;
  const isRunning = view?.state === "running";
  const changes = isRunning || view?.barred !== undefined;

  useEffect(() => {
    if (!changes) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") retry();
    }, lookEveryMs);
    return () => clearInterval(timer);
  }, [changes, retry]);

  const attempt = (action: () => Promise<unknown>) =>
    run(async () => {
      await action().catch((error: Error) => void toast.error(error.message));
      retry();
    });
  if (resource.type === "failed")
    return (
      <Empty title={text.base.unknown}>
        {resource.message}{" "}
        <Button className="mt-3" onClick={retry}>
          {text.base.tryAgain}
        </Button>
      </Empty>
    );
  if (!view) return <p className="text-sm text-ink-soft">{text.base.loading}</p>;
  return (
    <div className="grid gap-6 sm:grid-cols-[1fr_11rem]">
      <div className="min-w-0">
        <p
          aria-live="polite"
          className={`font-medium ${view.state === "failed" ? "text-bad" : ""}`}
        >
          {sentenceOf(view)}
        </p>
        {view.fraction !== undefined && view.state !== "done" && (
          <ProgressBar
            label={text.base.training}
            fraction={view.fraction}
            tone="teacher"
            className="mt-3"
          />
        )}
        <p className="mt-2 flex min-h-5 flex-wrap gap-x-4 text-sm text-ink-soft">
          {figuresOf(view).map((figure) => (
            <span key={figure.replace(/[\d.]+/g, "")} className="figures">
              {figure}
            </span>
          ))}
        </p>
        {isRunning ? (
          <For who="spender">
            <Button
              className="mt-4"
              disabled={busy}
              onClick={() => attempt(() => request(path, { method: "DELETE" }))}
            >
              <Square aria-hidden="true" /> {text.base.stop}
            </Button>
          </For>
        ) : view.barred !== undefined ? (
          <p className="mt-4 max-w-prose text-sm text-ink-soft">{asSentence(view.barred)}</p>
        ) : (
          <For who="spender">
            <Start
              view={view}
              bases={bases}
              busy={busy}
              onStart={(asked) => attempt(() => post(path, asked))}
            />
          </For>
        )}
      </div>
      <Sheet view={view} />
      {view.ready && whenReady}
    </div>
  );
}

function Start({
  view,
  bases,
  busy,
  onStart,
}: {
  readonly view: PreparationView;
  readonly bases: NonNullable<Props["bases"]>;
  readonly busy: boolean;
  readonly onStart: (asked: object) => void;
}) {
  const id = useId();
  const [minutes, setMinutes] = useState(String(defaultMinutes));
  const [from, setFrom] = useState("");
  const asked = { minutes: Number(minutes), ...(from && { from }) };
  if (view.state === "paused" || view.state === "failed")
    return (
      <div className="mt-4 flex flex-wrap gap-2">
        <Button tone="primary" disabled={busy} onClick={() => onStart({})}>
          <Play aria-hidden="true" /> {text.base.resume}
        </Button>
        <Confirm
          title={text.base.anewAsk}
          text={text.base.anewText(defaultMinutes)}
          verb={text.base.anew}
          onConfirm={() => onStart({ anew: true, minutes: defaultMinutes })}
        >
          <Button disabled={busy}>
            <RotateCcw aria-hidden="true" /> {text.base.anew}
          </Button>
        </Confirm>
      </div>
    );
  const control = "h-10 rounded-lg border border-line-strong bg-surface px-3 text-sm text-ink";
  return (
    <form
      className="mt-4 flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(asked);
      }}
    >
      <label htmlFor={`${id}-minutes`} className="text-sm text-ink-soft">
        <span className="mb-1.5 block">{text.base.minutes}</span>
        <input
          id={`${id}-minutes`}
          type="number"
          min={1}
          max={mostMinutes}
          required
          value={minutes}
          onChange={(event) => setMinutes(event.target.value)}
          className={`figures w-24 ${control}`}
        />
      </label>
      {bases.length > 0 && (
        <label htmlFor={`${id}-from`} className="min-w-0 text-sm text-ink-soft">
          <span className="mb-1.5 block">{text.base.from}</span>
          <select
            id={`${id}-from`}
            value={from}
            onChange={(event) => setFrom(event.target.value)}
            className={`max-w-full ${control}`}
          >
            <option value="">{text.base.nothing}</option>
            {bases.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      <Button type="submit" tone={view.ready ? "quiet" : "primary"} disabled={busy}>
        <Play aria-hidden="true" /> {view.state === "done" ? text.base.trainAgain : text.base.train}
      </Button>
    </form>
  );
}

function Sheet({ view: { sheet, state } }: { readonly view: PreparationView }) {
  if (!sheet)
    return (
      <div className="flex aspect-square items-center justify-center rounded-xl border border-dashed border-line-strong p-4 text-center text-xs text-ink-soft">
        {state === "running" ? text.base.samplesSoon : text.base.noSamples}
      </div>
    );
  return (
    <figure className="min-w-0">
      <img
        src={basePath + sheet}
        alt={text.base.sheet}
        className="pixels w-full rounded-xl border border-line bg-white"
      />
      <figcaption className="mt-1.5 text-xs text-ink-soft">
        {state === "done" ? text.base.paints : text.base.paintsNow}
      </figcaption>
    </figure>
  );
}

function sentenceOf({ state, ready, problem, step, fraction = 0 }: PreparationView): string {
  const words = text.base;
  switch (state) {
    case "none":
      return words.none;
    case "running":
      return step ? words.learning : words.starting;
    case "paused":
      return words.paused(formatWholePercent(fraction));
    case "failed":
      return words.failed(problem);
    case "done":
      return ready ? words.done : words.unusable(problem);
  }
}

function figuresOf(view: PreparationView): readonly string[] {
  const { state, step, limit, loss, samplesPerSecond, secondsLeft } = view;
  if (!step) return [];
  const words = text.base;
  return [
    words.step(step, limit && "steps" in limit ? limit.steps : undefined),
    ...(loss !== undefined ? [words.loss(formatNumber(loss))] : []),
    ...(state === "running" && samplesPerSecond !== undefined
      ? [words.rate(Math.round(samplesPerSecond))]
      : []),
    ...(state === "running" && secondsLeft !== undefined
      ? [words.left(formatDuration(1000 * secondsLeft))]
      : []),
  ];
}
