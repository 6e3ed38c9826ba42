import type { ClientState, JoinOptions, RoundResult } from "@tandem/client/messages";
import { type Kept, keptIn } from "./kept";

/** What the page remembers of taking part in an experiment, beside what the worker keeps. */
export type Study = {
  /** Which of the browser's clients took part. */
  readonly identity: number;
  /** Of the experiment; it may be gone when the browser still keeps the model. */
  readonly title: string;
  readonly how: "taking-part" | "paused" | "finished";
  /** As it was joined. */
  readonly options: Pick<JoinOptions, "name" | "modality" | "prefer" | "task">;
  readonly classes: number;
  readonly history: readonly RoundResult[];
};

const prefixOf = (experiment: string) => `tandem/study/${experiment}/`;

/** Studies that this browser has taken part in, each once for every client that it was. */
export function studiesIn(kept: Kept) {
  return {
    of(experiment: string): readonly Study[] {
      const prefix = prefixOf(experiment);
      return kept
        .keys()
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => read(kept.get(key), Number(key.slice(prefix.length))))
        .sort((a, b) => a.identity - b.identity);
    },
    remember: (experiment: string, { identity, ...study }: Study) =>
      kept.set(prefixOf(experiment) + identity, JSON.stringify(study)),
    forget: (experiment: string, identity: number) => kept.remove(prefixOf(experiment) + identity),
  };
}

/** The browser keeps nothing of it any more. */
export const isForgotten = ({ phase, history }: Pick<ClientState, "phase" | "history">): boolean =>
  phase === "left" || (phase === "removed" && history.length === 0);

export const local = keptIn(() => window.localStorage);
export const studies = studiesIn(local);

/** Set where this browser has forgotten clients, and can still have erased what they sent. */
export const leftKey = (experiment: string) => `tandem/left/${experiment}`;

/** The study that a state belongs to; undefined before it has a place, and where no model of it is kept. */
export function studyOf(
  state: ClientState,
  { title, ...options }: Study["options"] & Pick<Study, "title">,
): Study | undefined {
  const { identity, assignment, phase, history } = state;
  if (identity === undefined || !assignment || isForgotten(state)) return undefined;
  const { name, modality, prefer, task } = options;
  const isOver = phase === "finished" || phase === "removed";
  return {
    identity,
    title,
    how: isOver ? "finished" : phase === "paused" ? phase : "taking-part",
    options: {
      ...(name && { name }),
      ...(modality && { modality }),
      ...(prefer && { prefer }),
      ...(task && { task }),
    },
    classes: assignment.classes.length,
    history,
  };
}

const isNatural = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0;
const isShare = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;
const oneOf = <T extends string>(value: unknown, all: readonly T[]): T | undefined =>
  all.find((one) => one === value);

/** None where it was written by something else. */
function read(text: string | undefined, identity: number): readonly Study[] {
  const value = parsed(text);
  const how = oneOf(value.how, ["taking-part", "paused", "finished"]);
  if (!how || !isNatural(identity) || !isNatural(value.classes)) return [];
  const { name, modality, prefer, task } = record(value.options);
  const kind = oneOf(modality, ["image", "text", "image-text"]);
  const backend = oneOf(prefer, ["webgpu", "webgl", "wasm", "cpu"]);
  const history = Array.isArray(value.history) ? value.history.map(record) : [];
  return [
    {
      identity,
      title: typeof value.title === "string" ? value.title.slice(0, 200) : "",
      how,
      classes: value.classes,
      options: {
        ...(typeof name === "string" && name !== "" && { name: name.slice(0, 40) }),
        ...(kind && { modality: kind }),
        ...(backend && { prefer: backend }),
        ...(typeof task === "string" && task !== "" && { task: task.slice(0, 40) }),
      },
      history: history.flatMap(({ round, accuracy, image, text: caption }) =>
        isNatural(round) && isShare(accuracy)
          ? [
              {
                round,
                accuracy: Number(accuracy),
                ...(isShare(image) && { image: Number(image) }),
                ...(isShare(caption) && { text: Number(caption) }),
              },
            ]
          : [],
      ),
    },
  ];
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(text ?? ""));
  } catch {
    return {};
  }
}
