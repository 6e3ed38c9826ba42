import type { Measured, ModelResult } from "@tandem/client/own-model/messages";
import { formatPercent, formatWholePercent, listed, plural } from "@tandem/core/format";
import type { ReactNode } from "react";
import { Button } from "../ui/button";

/** Before, now and alone, each with where the true share lies; chance beside. */
export function Figures({
  result,
  onAlone,
}: {
  readonly result: ModelResult;
  readonly onAlone: () => void;
}) {
  const { before, now, alone, rounds, samples, measuredOn, chance } = result;
  const on =
    measuredOn === "public"
      ? `${plural(samples, "sample")} of the public test, which nobody trains on`
      : `${plural(samples, "sample")} of yours that it has not learned from`;
  return (
    <>
      <dl className="grid gap-3 sm:grid-cols-3">
        {before && <Figure name="After its first round" measured={before} />}
        <Figure name={`Now, after ${plural(rounds, "round")}`} measured={now} isMain />
        {alone ? (
          <Figure name="Alone, as many rounds" measured={alone} />
        ) : (
          <Tile name="Alone, as many rounds">
            <dd className="mt-2">
              <Button onClick={onAlone}>Train it here</Button>
            </dd>
          </Tile>
        )}
      </dl>
      <p className="mt-4 max-w-prose text-sm text-ink-soft">
        {now.classes.length > 0 ? "Right answers" : "Captions that find their picture first"} among{" "}
        {on}. Guessing reaches <span className="figures">{formatPercent(chance)}</span>. The true
        share lies in the range below each number with 95 % confidence.
        {changeText(result)}
        {now.heads.length > 0 &&
          ` By itself, ${listed(
            now.heads.map(
              ({ modality, accuracy }) =>
                `its ${modality === "image" ? "picture" : "caption"} half reaches ${formatPercent(accuracy.share ?? 0)}`,
            ),
            "and",
          )}.`}
      </p>
    </>
  );
}

const are = (count: number) => `${count} ${count === 1 ? "is" : "are"}`;

function changeText({ change }: ModelResult): string {
  if (!change || change.gained + change.lost === 0) return "";
  const { gained, lost, chance } = change;
  const sure = chance < 0.05 ? "more than chance alone would do" : "chance alone could do that";
  return ` Since its first round ${are(gained)} right that it had wrong, and ${are(lost)} wrong that it had right: ${sure}.`;
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
          {accuracy.share === undefined ? "unknown" : formatPercent(accuracy.share)}
        </span>
        <span className="figures mt-0.5 block text-xs text-ink-soft">
          {low} to {high}
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
