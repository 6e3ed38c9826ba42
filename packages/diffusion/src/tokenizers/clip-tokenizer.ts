import { Tokenizer } from "@huggingface/tokenizers";
import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import type { Component } from "../files/folder";
import { linesOf } from "../files/text-file";
import { framed, type PromptTokenizer } from "./prompt-tokenizer";

/** Byte-pair encoding as in CLIP, from tokenizer.json, or from vocab.json and merges.txt. */
export async function clipTokenizer(
  component: Component,
  length: number,
): Promise<PromptTokenizer> {
  const { className, config, library } = component;
  if (!/^CLIPTokenizer(Fast)?$/.test(className))
    throw new TandemError(
      "not-supported",
      `tokenizer of class ${className}; supported: CLIPTokenizer, CLIPTokenizerFast, WordTokenizer`,
    );
  const names = ["tokenizer.json", "vocab.json", "merges.txt", "special_tokens_map.json"];
  const files = new Map<string, string>();
  for (const name of names) {
    const text = await component.files.get(name)?.();
    if (text !== undefined) files.set(name, text);
  }
  const definition = files.get("tokenizer.json") ?? definitionOf(files);
  const tokenizer = new Tokenizer(parse("tokenizer.json", definition), config);
  const special = {
    ...parse("special_tokens_map.json", files.get("special_tokens_map.json") ?? "{}"),
    ...config,
  };
  const idOf = (role: string, fallback: string) => {
    const token = contentOf(special[role]) ?? fallback;
    const id = tokenizer.token_to_id(token);
    if (id === undefined)
      throw new TandemError("bad-data", `tokenizer: ${role} "${token}" is not in the vocabulary`);
    return id;
  };
  const begin = idOf("bos_token", "<|startoftext|>");
  const end = idOf("eos_token", "<|endoftext|>");
  const pad = idOf("pad_token", "<|endoftext|>");
  const idsOf = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  return {
    className,
    library,
    size: 1 + [...tokenizer.get_vocab().values()].reduce((a, b) => Math.max(a, b), 0),
    length,
    encode: (texts) =>
      framed(
        texts.map((text) => [begin, ...idsOf(text)]),
        { length, end, pad },
      ),
    beyond(text) {
      const cut = idsOf(text).slice(length - 2);
      return cut.length > 0 ? tokenizer.decode(cut).trim() : "";
    },
    config: config as PromptTokenizer["config"],
    files,
  };
}

/** What transformers builds from the two files of the slow tokenizer. */
function definitionOf(files: ReadonlyMap<string, string>): string {
  const [vocab, merges] = [files.get("vocab.json"), files.get("merges.txt")];
  if (vocab === undefined || merges === undefined)
    throw new TandemError(
      "not-found",
      "the tokenizer has neither tokenizer.json nor vocab.json and merges.txt",
    );
  const specials = ["<|startoftext|>", "<|endoftext|>"];
  const known = parse("vocab.json", vocab);
  return JSON.stringify({
    version: "1.0",
    added_tokens: specials.map((content) => ({
      id: known[content],
      content,
      special: true,
      normalized: false,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: {
            Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
          },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [specials[1], known[specials[1]]],
      cls: [specials[0], known[specials[0]]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      unk_token: "<|endoftext|>",
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      vocab: known,
      merges: linesOf(merges).filter((line) => line !== "" && !line.startsWith("#version")),
    },
  });
}

function parse(name: string, text: string): JsonObject {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TandemError("bad-data", `${name} of the tokenizer is not JSON`, { cause });
  }
}

/** A token stands as a text or as `{ "content": … }`. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const content = (token as { readonly content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}
