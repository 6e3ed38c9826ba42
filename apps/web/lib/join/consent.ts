import type { ConsentView } from "@tandem/protocol/view";
import { type Kept, keptIn } from "./kept";

export type ConsentChange = {
  readonly what: string;
  /** Absent: there was, or is, nothing of it. */
  readonly before?: string;
  readonly now?: string;
};

const keyOf = (experiment: string) => `tandem/consent/${experiment}`;

/** What has been agreed to in this browser, by experiment. */
export function agreedIn(kept: Kept) {
  return {
    of: (experiment: string): ConsentView | undefined => read(kept.get(keyOf(experiment))),
    remember: (experiment: string, consent: ConsentView) =>
      kept.set(keyOf(experiment), JSON.stringify(consent)),
    forget: (experiment: string) => kept.remove(keyOf(experiment)),
  };
}
export const agreed = agreedIn(keptIn(() => window.localStorage));

/** None where it was written by something else. */
function read(text: string | undefined): ConsentView | undefined {
  try {
    const { hash, terms } = JSON.parse(text ?? "");
    if (typeof hash !== "string" || !Array.isArray(terms)) return undefined;
    return {
      hash,
      terms: terms.map(({ what, said }) => ({ what: String(what), said: String(said) })),
    };
  } catch {
    return undefined;
  }
}

/** What somebody agreed to, beside what they are asked now. */
export function changesOf(before: ConsentView, now: ConsentView): readonly ConsentChange[] {
  const textsOf = ({ terms }: ConsentView) => new Map(terms.map(({ what, said }) => [what, said]));
  const [old, present] = [textsOf(before), textsOf(now)];
  return [...new Set([...present.keys(), ...old.keys()])].flatMap((what) => {
    const [was, is] = [old.get(what), present.get(what)];
    if (was === is) return [];
    return [
      { what, ...(was !== undefined && { before: was }), ...(is !== undefined && { now: is }) },
    ];
  });
}
