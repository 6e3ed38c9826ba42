/** Of one line, in characters, and of a file's lines: more than any server writes. */
const [mostLength, mostLines] = [2 ** 22, 1_000_000];

/**
 * The lines of a text in UTF-8, without their ends, as they are read: of one that is refused early, no more is
 * held. Throws what `bad` makes of the reason for bytes that are no text, and for lines that are too long or
 * too many, or have no end.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  bad: (why: string) => Error,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (...args: Parameters<TextDecoder["decode"]>): string => {
    try {
      return decoder.decode(...args);
    } catch {
      throw bad("it is not UTF-8");
    }
  };
  let rest = "";
  let count = 0;
  for await (const chunk of chunks) {
    rest += decoded(chunk, { stream: true });
    for (let end = rest.indexOf("\n"), from = 0; ; end = rest.indexOf("\n", from)) {
      if ((end < 0 ? rest.length : end) - from > mostLength)
        throw bad(`line ${count + 1} has more than ${mostLength} characters`);
      if (end < 0) {
        rest = rest.slice(from);
        break;
      }
      if (++count > mostLines) throw bad(`it has more than ${mostLines} lines`);
      yield rest.slice(from, end);
      from = end + 1;
    }
  }
  decoded();
  if (rest !== "") throw bad("its last line has no end");
}
