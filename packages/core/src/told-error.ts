import { TandemError } from "./errors";

/** A failure as strangers are told it. `isWhole`: nothing was left out that belongs in a log. */
export type ToldError = { readonly message: string; readonly isWhole: boolean };

/**
 * Without the places of files and services, and without the words of what is no expected failure:
 * these are for whoever runs the server.
 */
export function toldOf(error: unknown): ToldError {
  if (!(error instanceof TandemError))
    return { message: "Something broke inside.", isWhole: false };
  const message = error.told ?? withoutPlaces(error.message);
  return { message, isWhole: message === error.message };
}

/** Absolute paths, addresses and hosts with a port become "…". */
function withoutPlaces(text: string): string {
  let isInside = false; // of a path that has spaces
  return text
    .split(/(\s+)/)
    .map((word) => {
      if (/^\s*$/.test(word)) return word;
      const [, before, place, after] = /^(["'`“(]*)(.*?)(["'`”)\],.;:]*)$/s.exec(word) ?? [];
      isInside = isPlace(place) || (isInside && place.includes("/"));
      return isInside ? `${before}…${after}` : word;
    })
    .join("");
}

const isPlace = (word: string): boolean =>
  (/^[~.]{0,2}\/[\w.@+~-]+\//.test(word) && !/^\/(api|backbones|join|tfjs)\//.test(word)) ||
  /^([a-z]:\\|[a-z][\w+.-]*:\/\/)/i.test(word) ||
  /^(\[[\da-f:]+\]|[\w.-]+):\d{3,5}$/i.test(word) ||
  /^\d{1,3}(\.\d{1,3}){3}$/.test(word);
