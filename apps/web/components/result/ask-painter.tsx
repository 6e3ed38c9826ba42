import type { AskModel } from "@tandem/client/own-model/ask-model";
import { mostPromptCharacters } from "@tandem/protocol/painting";
import type { PaintingTerms } from "@tandem/protocol/view";
import { useState } from "react";
import { spriteStyle } from "../../lib/live/gallery";
import { gone, type Painted, painted } from "../../lib/result/painting";
import { useWork } from "../../lib/result/use-work";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/result";
import type { StudyPage } from "../join/study-page";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { TextField } from "./text-field";
import { WorkState } from "./work-state";

const words = text.teacher;
const shown = 6;
const suggested = 6;

/** What the study's teacher makes of a prompt: by its base, and as everyone together has taught it. */
export function AskPainter({
  ask,
  study,
  classes,
  occasion,
}: {
  readonly ask: AskModel;
  readonly study: StudyPage;
  /** To pick from where the teacher has painted nothing for the study. */
  readonly classes: readonly string[];
  /** Looks again at what it was taught when it changes. */
  readonly occasion: string;
}) {
  const [made, setMade] = useState<readonly Painted[]>([]);
  const [ahead, setAhead] = useState(0);
  const path = `/api/experiments/${study.id}/painting`;
  const resource = useResource<PaintingTerms>(`${path}?at=${occasion}-${made.length}`);
  const { state, run, cancel } = useWork<void>();
  const terms = resource.type === "ready" ? resource.value : undefined;
  const paint = (prompt: string) =>
    run(async (options) => {
      setAhead(0);
      const token = await ask("token", {}, options);
      const one = await painted(study.id, prompt, { ...options, token, onAhead: setAhead });
      if (!options.signal.aborted) setMade((all) => [one, ...all].slice(0, shown));
    });
  const prompts = terms && terms.prompts.length > 0 ? terms.prompts : classes;
  const isSpent = terms?.budget?.left === 0;
  return (
    <Panel title={words.title} description={aboutText(terms)}>
      {resource.type === "failed" ? (
        <div role="alert">
          <p className="text-sm text-bad break-words">
            {resource.isGone ? gone : resource.message}
          </p>
          {!resource.isGone && (
            <Button className="mt-3" onClick={resource.retry}>
              {words.again}
            </Button>
          )}
        </div>
      ) : (
        !isSpent && (
          <div className="space-y-4">
            <TextField
              label={words.field}
              verb={words.verb}
              most={mostPromptCharacters}
              note={words.note}
              onText={paint}
            />
            <ul aria-label={words.prompts} className="flex flex-wrap gap-2">
              {prompts.slice(0, suggested).map((prompt) => (
                <li key={prompt} className="max-w-full">
                  <Button
                    className="min-h-9! max-w-full px-3! font-normal!"
                    onClick={() => paint(prompt)}
                  >
                    <span className="truncate">{prompt}</span>
                  </Button>
                </li>
              ))}
            </ul>
            <WorkState state={state} what={whatText(state, ahead)} onCancel={cancel} />
          </div>
        )
      )}
      {made.length > 0 && (
        <ul aria-label={words.list} className="mt-6 grid gap-x-8 gap-y-5 sm:grid-cols-2">
          {made.map((one) => (
            <One key={one.id} painted={one} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function One({ painted: { prompt, pictures } }: { readonly painted: Painted }) {
  const { shows, columns, sheet, taughtIn } = pictures;
  return (
    <li className="min-w-0">
      <p className="truncate text-sm font-medium" title={prompt}>
        {prompt}
      </p>
      <div className="mt-2 grid grid-cols-2 gap-3">
        {shows.map((by, i) => {
          const name = nameOf(by, shows.length > 1, taughtIn);
          return (
            <figure key={by} className="min-w-0">
              <div
                role="img"
                aria-label={words.picture(prompt, name)}
                className="pixels aspect-square rounded-md border border-line bg-white"
                style={spriteStyle(i, columns, shows.length, sheet)}
              />
              <figcaption className="mt-1 text-xs text-ink-soft">{name}</figcaption>
            </figure>
          );
        })}
      </div>
    </li>
  );
}

function nameOf(by: "base" | "taught", isPair: boolean, taughtIn: number | undefined): string {
  if (by === "taught") return words.afterRound(taughtIn);
  return isPair ? words.before : words.asItIs;
}

const whatText = ({ type }: { readonly type: string }, ahead: number): string =>
  type !== "working" || ahead === 0 ? words.painting : words.waiting(ahead);

function aboutText(terms: PaintingTerms | undefined): string {
  if (!terms) return words.about;
  if (terms.budget) return words.budget(terms.budget.left, terms.budget.of);
  return terms.taughtIn === undefined ? words.untaught : words.taught(terms.taughtIn);
}
