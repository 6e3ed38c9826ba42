import type { LabelledSet } from "@tandem/core/data";
import type { Benchmark } from "@tandem/core/experiment";
import type { Vocabulary } from "@tandem/core/tokenizer";
import type { Architectures } from "./architectures";

export type Translation = { readonly language: string; readonly captions: readonly string[] };

/** What is dealt out to the places of an experiment. */
export type Deal = {
  /** Each is split by itself, among the places that draw from it. */
  readonly pools: readonly {
    readonly source: string;
    readonly set: LabelledSet;
    /** The captions in other languages: places that hold captions take them in turn. */
    readonly translations?: readonly Translation[];
  }[];
  /** The public benchmark, balanced over classes. */
  readonly test: LabelledSet;
};

/** A data set as experiments use it: the teacher's part, the clients' and the judge's. */
export type Dataset = {
  readonly classes: readonly string[];
  readonly vocabulary: Vocabulary;
  /** Of its places; absent: the usual ones. */
  readonly architectures?: Architectures;
  /** Grey level around what is depicted. */
  readonly background: number;
  readonly teacher: {
    /** Checkpoint folder of the base that was pre-trained on the public set. */
    readonly checkpoint: string;
    /** Captions are prompts and may name the class. */
    readonly public: LabelledSet;
    /** The same for task models, without the class. */
    readonly publicTexts: readonly string[];
    /** Words that its base knows kinds of pictures by, and captions do not say. */
    readonly styles?: readonly string[];
  };
  readonly judge: {
    /** Its weights, safetensors. */
    readonly weights: string;
    /** Trains it; no party sees it. */
    readonly trainedOn: LabelledSet;
    /** Real pictures with true labels, which painted ones are measured against. */
    readonly reference: LabelledSet;
    /** One more judge, which tells the parts of `trainedOn` apart; pools are named for theirs. */
    readonly parts?: { readonly names: readonly string[]; readonly weights: string };
  };
  /** Throws `bad-config` where so many places leave nothing to validate with. */
  deal(options: {
    readonly seed: number;
    readonly slots: number;
    readonly benchmark: Benchmark;
  }): Deal;
};
