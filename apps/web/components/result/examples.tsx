import type { Example, ModelResult } from "@tandem/client/own-model/messages";
import { useId } from "react";
import { text } from "../../text/result";
import { Picture } from "../join/own-data";

const words = text.examples;

/** A few samples that it now gets right and wrong. */
export function Examples({ examples }: { readonly examples: ModelResult["examples"] }) {
  const { gained, right, wrong } = examples;
  return (
    <div className="mt-6 grid gap-6 sm:grid-cols-2">
      {gained.length > 0 ? (
        <Row title={words.gained} examples={gained} />
      ) : (
        <Row title={words.right} examples={right} />
      )}
      <Row title={words.wrong} examples={wrong} />
    </div>
  );
}

function Row({
  title,
  examples,
}: {
  readonly title: string;
  readonly examples: readonly Example[];
}) {
  const id = useId();
  return (
    <div className="min-w-0">
      <h3 id={id} className="text-sm font-medium">
        {title}
      </h3>
      {examples.length === 0 ? (
        <p className="mt-2 text-sm text-ink-soft">{words.none}</p>
      ) : (
        <ul aria-labelledby={id} className="mt-2 grid grid-cols-4 gap-2">
          {examples.map((example, i) => (
            <One key={i} example={example} />
          ))}
        </ul>
      )}
    </div>
  );
}

function One({ example: { label, caption, picture, predicted } }: { readonly example: Example }) {
  const said = predicted !== undefined && predicted !== label ? words.takenFor(predicted) : label;
  const whole = predicted === label ? label : `${label}, ${said}`;
  if (!picture)
    return (
      <li className="col-span-4 rounded-lg bg-sunken px-3 py-2 text-xs">
        <span className="font-medium">{whole}</span>{" "}
        <span className="text-ink-soft break-words">{caption}</span>
      </li>
    );
  return (
    <li className="min-w-0" title={whole}>
      <Picture picture={picture} label={caption ? `${whole}: ${caption}` : whole} />
      <span className="mt-1 block truncate text-[0.6875rem] text-ink-soft">{label}</span>
      {said !== label && (
        <span className="block truncate text-[0.6875rem] text-bad">{predicted}</span>
      )}
    </li>
  );
}
