import { keptIn } from "../join/kept";

// Beside the record itself, so that a page can know of it without a worker.
const noted = keptIn(() => window.localStorage);
const noteOf = (experiment: string) => `tandem/own-encoder/${experiment}`;

/** Whether this browser keeps somebody's own encoder, as far as it has noted. */
export const isEncoderKept = (experiment: string): boolean =>
  noted.get(noteOf(experiment)) !== undefined;

export function noteEncoder(experiment: string, isKept: boolean): void {
  if (isKept) noted.set(noteOf(experiment), "1");
  else noted.remove(noteOf(experiment));
}
