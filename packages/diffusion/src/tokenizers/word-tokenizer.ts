import { createTokenizer, type Vocabulary, wordsOf } from "@tandem/core/tokenizer";
import { framed, type PromptTokenizer } from "./prompt-tokenizer";

export const wordTokenizerClass = "WordTokenizer";

/**
 * Words of a vocabulary, rare ones by hash. The two ids behind it begin and end a text; the end
 * also pads, as in Stable Diffusion 1.x.
 */
export function wordTokenizer(vocabulary: Vocabulary, length: number): PromptTokenizer {
  const words = createTokenizer(vocabulary, length - 2);
  const [begin, end] = [words.size, words.size + 1];
  return {
    className: wordTokenizerClass,
    library: "tandem",
    size: words.size + 2,
    length,
    encode: (texts) =>
      framed(
        texts.map((text) => {
          const ids = words.encode([text]);
          const used = ids.indexOf(0);
          return [begin, ...ids.subarray(0, used < 0 ? ids.length : used)];
        }),
        { length, end, pad: end },
      ),
    beyond: (text) =>
      wordsOf(text)
        .slice(length - 2)
        .join(" "),
    config: { tokenizer_class: wordTokenizerClass, model_max_length: length },
    files: new Map([["vocabulary.json", JSON.stringify(vocabulary)]]),
  };
}
