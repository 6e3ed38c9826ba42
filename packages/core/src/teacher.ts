import type { Arrays, TensorOf } from "./tensor";

export type Progress = (fraction: number, note: string) => void;
export type TaskOptions = { readonly signal?: AbortSignal; readonly progress?: Progress };

/** Public samples that the server owns: what the teacher was pre-trained on and replays. */
export type PublicSet = {
  /** (N, h, w, 3). */
  readonly images: TensorOf<"u8">;
  /** What the teacher paints from; the class may be named in it. */
  readonly prompts: readonly string[];
  /** The same for task models, without the class. */
  readonly captions: readonly string[];
  /** The classes that the captions name, whatever the pictures show. */
  readonly labels: readonly number[];
  /** Words that the teacher knows kinds of pictures by, such as styles, and prompts do not say; absent: none. */
  readonly styles?: readonly string[];
};

export type GenerateRequest = {
  readonly prompts: readonly string[];
  readonly seed: number;
  /** LoRA on top of the base; without it the base paints alone. */
  readonly adapter?: Arrays;
  /** U-Net passes an image (twice that with guidance above 1). */
  readonly steps: number;
  /** From 0; up to 1 the prompt alone paints, above it is exaggerated. */
  readonly guidance: number;
  /** What each picture begins as, (N, …noiseShape), in place of noise of the seed. */
  readonly noise?: TensorOf<"f32">;
};

export type FinetuneRequest = {
  readonly adapter?: Arrays;
  readonly rank: number;
  readonly samples: {
    /** (N, h, w, 3). */
    readonly images: TensorOf<"u8">;
    readonly captions: readonly string[];
    /** Weight of each sample's loss. */
    readonly weights: readonly number[];
  };
  /** Share of each batch drawn from the public set, and the rows of it that may be drawn. */
  readonly replay: { readonly share: number; readonly rows: readonly number[] };
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
};

/** The server's dual encoder, as plain weights. */
export type EncodeRequest = {
  readonly student: Arrays;
  readonly images?: TensorOf<"u8">;
  readonly captions?: readonly string[];
};

/** (N, d) unit rows and (N, C) logits of the modalities that were asked for. */
export type Encoding = {
  readonly image?: { readonly z: TensorOf<"f32">; readonly logits: TensorOf<"f32"> };
  readonly text?: { readonly z: TensorOf<"f32">; readonly logits: TensorOf<"f32"> };
};

export type DistilRequest = {
  /** Without it a student is initialised from the seed and trained on the public set. */
  readonly student?: Arrays;
  /** Synthetic samples with the knowledge to distil; without it the public set alone. */
  readonly knowledge?: {
    readonly images: TensorOf<"u8">;
    readonly captions: readonly string[];
    readonly imageTarget: TensorOf<"f32">; // (N, d)
    readonly textTarget: TensorOf<"f32">; // (N, d)
    readonly probabilities: TensorOf<"f32">; // (N, C)
    readonly weights: readonly number[];
  };
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
};

export type EvaluateRequest = {
  readonly adapter?: Arrays;
  readonly prompts: readonly string[];
  readonly labels: readonly number[];
  readonly seed: number;
  readonly steps: number;
  readonly guidance: number;
  /** How many of the first pictures are to be seen; none by default. */
  readonly show?: number;
};

export type TeacherScores = {
  /** Share of images in which an evaluator that no party trains sees the prompt's class. */
  readonly promptAccuracy: number;
  /** The same evaluator on the real public images: the ceiling to read it against. */
  readonly realAccuracy: number;
  /** Both by a second evaluator, of another architecture and seed. */
  readonly secondPromptAccuracy: number;
  readonly secondRealAccuracy: number;
  /** Fréchet distance of evaluator features to the real public images. */
  readonly frechet: number;
  /** Share of painted images inside the manifold of as many real ones, and the other way round. */
  readonly precision: number;
  readonly recall: number;
  /** Mean pairwise 1 - cos of evaluator features within a class. */
  readonly diversity: number;
  /**
   * Share of painted images, and of the real public ones, that a judge takes for each part of the data
   * set, such as a style; absent where it has no parts.
   */
  readonly parts?: Readonly<Record<string, number>>;
  readonly realParts?: Readonly<Record<string, number>>;
  /** Prompt accuracy among the painted images of each part; of parts of ten images and more. */
  readonly partAccuracies?: Readonly<Record<string, number>>;
};

export type Evaluation = {
  /** Absent where nobody can judge the pictures: of a task's classes there is no judge. */
  readonly scores?: TeacherScores;
  /** The pictures that were to be seen, (N, h, w, 3). */
  readonly shown?: TensorOf<"u8">;
};

/** What a text-to-image model behind somebody else's interface cannot promise. */
export type TeacherAbilities = {
  /** Without it `finetune`, and `generate` with an adapter, throw `not-supported`. */
  readonly finetune: boolean;
  /** The same request gives the same bytes on one machine. */
  readonly repeat: boolean;
  /** Of the standard normal noise that a picture begins as; without it `generate` takes none. */
  readonly noiseShape?: readonly number[];
};

/** The server's text-to-image model and student. Stateless: adapters and weights travel with calls. */
export interface Teacher {
  readonly publicSet: PublicSet;
  /** Height and width of its images. */
  readonly imageSize: number;
  /** d of the student's embeddings. */
  readonly dimension: number;
  readonly abilities: TeacherAbilities;
  /** (N, h, w, 3), in the order of the prompts. */
  generate(request: GenerateRequest, options?: TaskOptions): Promise<TensorOf<"u8">>;
  finetune(
    request: FinetuneRequest,
    options?: TaskOptions,
  ): Promise<{ readonly adapter: Arrays; readonly losses: readonly number[] }>;
  encode(request: EncodeRequest, options?: TaskOptions): Promise<Encoding>;
  distil(
    request: DistilRequest,
    options?: TaskOptions,
  ): Promise<{ readonly student: Arrays; readonly loss: number }>;
  evaluate(request: EvaluateRequest, options?: TaskOptions): Promise<Evaluation>;
  close(): Promise<void>;
}
