import type { PicturesOf } from "@tandem/client/kept-study";
import type { AskModel } from "@tandem/client/own-model/ask-model";
import type { TensorOf } from "@tandem/core/tensor";
import type { LeftOut, Picture } from "@tandem/intake/intake";
import { stacked } from "./pictures";
import type { WorkOptions } from "./use-work";

/** Classes by how sure the model is of them, the surest first. */
export type Answer = {
  /** Path of a file, or the text. */
  readonly of: string;
  readonly pixels?: Uint8Array;
  readonly classes: readonly { readonly name: string; readonly share: number }[];
};

export type Answered = {
  readonly answers: readonly Answer[];
  readonly leftOut: readonly LeftOut[];
};

const atOnce = 64;

/** Of pictures as the model reads them. */
export async function answersTo(
  ask: AskModel,
  pictures: readonly Picture[],
  { classes, format }: { readonly classes: readonly string[]; readonly format: PicturesOf },
  { signal, progress }: WorkOptions,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < pictures.length; from += atOnce) {
    const some = pictures.slice(from, from + atOnce);
    const shares = await ask("classify", { images: stacked(some, format.size) }, { signal });
    const named = ranked(shares, classes);
    answers.push(...some.map(({ path, pixels }, i) => ({ of: path, pixels, classes: named[i] })));
    progress(answers.length / pictures.length);
  }
  return answers;
}

/** Rows (N, C) of shares with the names of their columns. */
export const ranked = (
  { shape: [count, width], data }: TensorOf<"f32">,
  names: readonly string[],
): readonly Answer["classes"][] =>
  Array.from({ length: count }, (_, row) =>
    names
      .map((name, column) => ({ name, share: data[row * width + column] }))
      .sort((a, b) => b.share - a.share),
  );

/** RFC 4180, a line a file. What a spreadsheet would run as a formula is marked as text. */
export function answersAsCsv(answers: readonly Answer[]): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const line = ({ of, classes: [first, second] }: Answer) =>
    [
      cell(of),
      ...[first, second].flatMap((one) =>
        one ? [cell(one.name), one.share.toFixed(4)] : ["", ""],
      ),
    ].join(",");
  const head = "file,class,confidence,second class,second confidence";
  return `${[head, ...answers.map(line)].join("\r\n")}\r\n`;
}
