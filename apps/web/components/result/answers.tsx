import { formatWholePercent } from "@tandem/core/format";
import { Download } from "lucide-react";
import { type Answer, type Answered, answersAsCsv } from "../../lib/result/answers";
import { drawn } from "../../lib/result/pictures";
import { saveFile } from "../../lib/result/save-file";
import { text } from "../../text/result";
import { Picture } from "../join/own-data";
import { Button } from "../ui/button";
import { Bar } from "./by-class";

const words = text.answers;
const shown = 12;
/** Of the files that are left out. */
const listed = 5;

/** What the model says, the classes that it is surest of first. */
export function Answers({
  answered: { answers, leftOut },
  side,
}: {
  readonly answered: Answered;
  /** Of the pictures, in pixels. */
  readonly side: number;
}) {
  return (
    <div>
      <p role="status" className="sr-only">
        {words.count(answers.length)}
      </p>
      <ul aria-label={words.list} className="grid gap-4 sm:grid-cols-2">
        {answers.slice(0, shown).map((answer, i) => (
          <One key={i} answer={answer} side={side} />
        ))}
      </ul>
      {answers.length > 1 && (
        <div className="mt-4 flex flex-wrap items-center gap-3">
          <Button onClick={() => saveFile("answers.csv", answersAsCsv(answers), "text/csv")}>
            <Download aria-hidden="true" /> {words.download(answers.length)}
          </Button>
          <p className="text-xs text-ink-soft">
            {answers.length > shown ? words.first(shown) : ""}
            {words.file}
          </p>
        </div>
      )}
      {leftOut.length > 0 && (
        <div role="alert" className="mt-4 rounded-lg bg-sunken px-4 py-3 text-sm">
          <p>{words.leftOut(leftOut.length)}</p>
          <ul className="mt-1 text-ink-soft">
            {leftOut.slice(0, listed).map(({ path, sentence }, i) => (
              <li key={i} className="break-words">
                {path}: {sentence}
              </li>
            ))}
            {leftOut.length > listed && <li>{words.others(leftOut.length - listed)}</li>}
          </ul>
        </div>
      )}
    </div>
  );
}

function One({ answer, side }: { readonly answer: Answer; readonly side: number }) {
  const { of, pixels, classes } = answer;
  return (
    <li className="flex min-w-0 items-start gap-4">
      {pixels && (
        <div className="w-16 shrink-0 sm:w-20">
          <Picture picture={drawn(pixels, side)} label={of} />
        </div>
      )}
      <div className="min-w-0 flex-1">
        <p className="truncate text-xs text-ink-soft" title={of}>
          {of}
        </p>
        <ol className="mt-1 space-y-1">
          {classes.slice(0, 3).map(({ name, share }, i) => (
            <li key={name} className="flex items-center gap-3 text-sm">
              <span
                className={`w-24 shrink-0 truncate sm:w-28 ${i === 0 ? "font-medium" : ""}`}
                title={name}
              >
                {name}
              </span>
              <Bar share={share} />
              <span className="figures w-10 shrink-0 text-right text-xs text-ink-soft">
                {formatWholePercent(share)}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </li>
  );
}
