/** Texts to what a CLIPTextModel reads: begin, tokens, end, and padding up to the length. */
export type PromptTokenizer = {
  readonly className: string;
  readonly library: string;
  /** Number of ids: the rows that the embedding table must have at least. */
  readonly size: number;
  readonly length: number;
  /** (N, length), row-major. */
  encode(texts: readonly string[]): Int32Array;
  /** The end of a text that `encode` leaves out; empty where all of it fits. */
  beyond(text: string): string;
  /** What its folder holds: the config, and the other files by name. */
  readonly config: Readonly<Record<string, string | number>>;
  readonly files: ReadonlyMap<string, string>;
};

/** Rows that have begun, cut, ended and padded. */
export function framed(
  rows: readonly (readonly number[])[],
  { length, end, pad }: { readonly length: number; readonly end: number; readonly pad: number },
): Int32Array {
  const ids = new Int32Array(rows.length * length).fill(pad);
  rows.forEach((row, i) => {
    const kept = row.slice(0, length - 1);
    ids.set([...kept, end], i * length);
  });
  return ids;
}

/** Tells of each text that does not fit, once, as diffusers warns of it. */
export function cutNotices(
  { beyond, length }: Pick<PromptTokenizer, "beyond" | "length">,
  notice: (text: string) => void = () => {},
): (texts: readonly string[]) => void {
  const seen = new Set<string>();
  return (texts) => {
    for (const text of texts) {
      if (seen.has(text)) continue;
      seen.add(text);
      const cut = beyond(text);
      if (cut) notice(`"${text}" is longer than ${length} tokens; left out: "${cut}"`);
    }
  };
}
