import type { ExperimentView, GalleryView } from "@tandem/protocol/view";
import { lessonRows, spriteStyle } from "../../lib/live/gallery";
import { withoutLesson } from "../../lib/live/without-lesson";
import { useResource } from "../../lib/use-resource";
import { Panel } from "../ui/panel";
import { Failed, galleryPath } from "./gallery";

type Props = { readonly view: ExperimentView };
type Shown = NonNullable<GalleryView["lessons"]>;

/** What the teacher makes of a few prompts from the same noise: before any lesson, and after each. */
export function Lessons({ view }: Props) {
  const round = view.rounds.findLast(({ gallery }) => gallery)?.round;
  return (
    <Panel
      title="The same prompts, round by round"
      description="Painted from the same noise before the first lesson and after each: what changes is what the clients have taught."
    >
      <p className="-mt-2 mb-3 min-h-5 text-sm">{withoutLesson(view.rounds)}</p>
      {round === undefined ? (
        <Rows planned={view.config.rounds} />
      ) : (
        <Fetched path={galleryPath(view, round)} planned={view.config.rounds} />
      )}
    </Panel>
  );
}

function Fetched({ path, planned }: { readonly path: string; readonly planned: number }) {
  const resource = useResource<GalleryView>(path);
  if (resource.type === "failed") return <Failed {...resource} />;
  const shown = resource.type === "ready" ? resource.value.lessons : undefined;
  return <Rows planned={planned} shown={shown} />;
}

/** Before any are known, as many as there will be, so that pictures move nothing when they come. */
const columns = 8;
const nothing: Shown = { prompts: Array(columns).fill(""), rounds: [], columns, sheet: "" };

function Rows({
  planned,
  shown = nothing,
}: {
  readonly planned: number;
  shown?: Shown | undefined;
}) {
  const { prompts, rounds } = shown;
  return (
    <section
      aria-label="Pictures by prompt and round"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
      tabIndex={0}
      className="relative -mx-1 overflow-x-auto px-1"
    >
      <table className="w-full min-w-160 table-fixed border-separate border-spacing-1.5">
        <thead>
          <tr className="align-bottom text-xs">
            <th scope="col" className="sticky left-0 w-16 bg-surface text-left font-normal">
              <span className="sr-only">Painted</span>
            </th>
            {prompts.map((prompt, column) => (
              <th key={column} scope="col" className="h-9 text-left font-normal text-ink-soft">
                <span className="line-clamp-2" title={prompt}>
                  {prompt}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lessonRows(rounds, planned).map((round, row) => (
            <tr key={round}>
              <th scope="row" className="sticky left-0 bg-surface text-left text-sm font-medium">
                {nameOf(round)}
              </th>
              {prompts.map((prompt, column) => (
                <td key={column} className="p-0">
                  {row < rounds.length ? (
                    <div
                      role="img"
                      aria-label={`“${prompt}”, ${round === 0 ? "before the first lesson" : `after round ${round}`}`}
                      className="pixels aspect-square rounded-md border border-line bg-white"
                      style={spriteStyle(
                        row * prompts.length + column,
                        shown.columns,
                        rounds.length * prompts.length,
                        shown.sheet,
                      )}
                    />
                  ) : (
                    <div className="aspect-square rounded-md border border-dashed border-line">
                      <span className="sr-only">Not painted yet</span>
                    </div>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const nameOf = (round: number) => (round === 0 ? "Before" : `Round ${round}`);
