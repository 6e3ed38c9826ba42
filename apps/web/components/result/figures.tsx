import type { Measured, ModelResult } from "@tandem/client/own-model/messages";
import { formatPercent, formatWholePercent } from "@tandem/core/format";
import type { ReactNode } from "react";
import { text } from "../../text/result";
import { Button } from "../ui/button";

const words = text.figures;

/** Before, now and alone, each with where the true share lies; chance beside. */
export function Figures({
  result,
  onAlone,
}: {
  readonly result: ModelResult;
  readonly onAlone: () => void;
}) {
  const { before, now, alone, rounds, samples, measuredOn, chance } = result;
  return (
    <>
      <dl className="grid gap-3 sm:grid-cols-3">
        {before && <Figure name={words.first} measured={before} />}
        <Figure name={words.now(rounds)} measured={now} isMain />
        {alone ? (
          <Figure name={words.alone} measured={alone} />
        ) : (
          <Tile name={words.alone}>
            <dd className="mt-2">
              <Button onClick={onAlone}>{words.trainAlone}</Button>
            </dd>
          </Tile>
        )}
      </dl>
      <p className="mt-4 max-w-prose text-sm text-ink-soft">
        {words.about(now.classes.length > 0, samples, measuredOn === "public")}
        <span className="figures">{formatPercent(chance)}</span>
        {words.interpreted}
        {changeText(result)}
        {now.heads.length > 0 &&
          words.heads(
            now.heads.map(({ modality, accuracy }) =>
              words.head(modality === "image", accuracy.share ?? 0),
            ),
          )}
      </p>
    </>
  );
}

function changeText({ change }: ModelResult): string {
  if (!change || change.gained + change.lost === 0) return "";
  const { gained, lost, chance } = change;
  return words.change(gained, lost, chance < 0.05);
}

function Figure({
  name,
  measured: { accuracy },
  isMain = false,
}: {
  readonly name: string;
  readonly measured: Measured;
  readonly isMain?: boolean;
}) {
  const [low, high] = accuracy.interval.map(formatWholePercent);
  return (
    <Tile name={name} isMain={isMain}>
      <dd className="mt-1">
        <span className="figures block text-2xl font-semibold">
          {accuracy.share === undefined ? words.unknown : formatPercent(accuracy.share)}
        </span>
        <span className="figures mt-0.5 block text-xs text-ink-soft">
          {words.interval(low, high)}
        </span>
      </dd>
    </Tile>
  );
}

function Tile({
  name,
  isMain = false,
  children,
}: {
  readonly name: string;
  readonly isMain?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={`min-w-0 rounded-xl px-4 py-3 ${isMain ? "bg-clients-soft" : "bg-sunken"}`}>
      <dt className="text-xs text-ink-soft">{name}</dt>
      {children}
    </div>
  );
}
