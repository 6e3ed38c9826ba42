import { Tokenizer } from "@huggingface/tokenizers";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import type { Component } from "../files/folder";
import { isObject, parseJsonObject } from "../files/python-json";
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
  const tokenizer = fromDefinition(files, config);
  // As transformers: the map wins over a config that is older than its own table of added tokens.
  const map = isObject(config.added_tokens_decoder)
    ? {}
    : parse("special_tokens_map.json", files.get("special_tokens_map.json") ?? "{}");
  const special = { ...config, ...map };
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

function fromDefinition(files: ReadonlyMap<string, string>, config: JsonObject): Tokenizer {
  const given = files.get("tokenizer.json");
  const name = given === undefined ? "vocab.json" : "tokenizer.json";
  const definition = given === undefined ? definitionOf(files) : parse(name, given);
  const model = definition.model;
  if (!isObject(model) || !isObject(model.vocab))
    throw new TandemError("bad-data", `tokenizer/${name}: "model" has no "vocab"`);
  try {
    return new Tokenizer(definition, config);
  } catch (cause) {
    throw new TandemError("bad-data", `tokenizer/${name}: ${messageOf(cause)}`, { cause });
  }
}

/** What transformers builds from the two files of the slow tokenizer. */
function definitionOf(files: ReadonlyMap<string, string>): JsonObject {
  const [vocab, merges] = [files.get("vocab.json"), files.get("merges.txt")];
  if (vocab === undefined || merges === undefined)
    throw new TandemError(
      "not-found",
      "the tokenizer has neither tokenizer.json nor vocab.json and merges.txt",
    );
  const specials = ["<|startoftext|>", "<|endoftext|>"];
  const known = parse("vocab.json", vocab);
  for (const token of specials)
    if (!Number.isSafeInteger(known[token]))
      throw new TandemError("bad-data", `tokenizer/vocab.json has no id for "${token}"`);
  return {
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
      merges: mergesOf(merges, known),
    },
  };
}

/** CLIP's vocabulary less bytes and specials: transformers reads no more of longer files. */
const maxMerges = 49152 - 256 - 2;

/** "a b" each; throws `bad-data` with the line of what merges no two tokens into a third. */
function mergesOf(text: string, vocabulary: JsonObject): readonly string[] {
  const merges: string[] = [];
  for (const [at, line] of linesOf(text).entries()) {
    const pair = line.trim().split(/\s+/);
    if (pair[0] === "" || line.startsWith("#version")) continue;
    if (merges.length === maxMerges) break;
    const where = `tokenizer/merges.txt, line ${at + 1}: ${JSON.stringify(line.slice(0, 40))}`;
    if (pair.length !== 2) throw new TandemError("bad-data", `${where} is no pair of tokens`);
    const unknown = [...pair, pair.join("")].find((token) => !Object.hasOwn(vocabulary, token));
    if (unknown !== undefined)
      throw new TandemError("bad-data", `${where}: "${unknown}" is not in vocab.json`);
    merges.push(pair.join(" "));
  }
  if (merges.length > 0) return merges;
  throw new TandemError("bad-data", "tokenizer/merges.txt is empty: fetch the folder again");
}

const parse = (name: string, text: string) => parseJsonObject(text, `tokenizer/${name}`);

/** A token stands as a text or as `{ "content": … }`. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  const content = (token as { readonly content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}
