import type { ClientModality, Modality } from "@tandem/core/data";
import type { ErrorCode } from "@tandem/core/errors";
import type { ClientTask } from "@tandem/core/model";
import type { Task } from "@tandem/core/task";
import type { TensorOf } from "@tandem/core/tensor";
import type { Comparison, Share } from "@tandem/evaluation/held-out";
import type { ExportPlan } from "@tandem/export/model-to-take";
import type { MeasuredOn } from "@tandem/protocol/view";
import type { PicturesOf } from "../kept-study";
import type { PreviewSample } from "../messages";

/** Which of this browser's models. */
export type ModelAddress = {
  readonly experiment: string;
  /** Which of its clients; absent: the first that there is. */
  readonly identity?: number | undefined;
};

/** What can be asked of a model, with what comes of it. */
export type ModelQuestions = {
  /** Undefined: this browser keeps none. */
  readonly open: { readonly asks: object; readonly answer: ModelInfo | undefined };
  /** How well it does, on what the study measures on. */
  readonly result: { readonly asks: object; readonly answer: ModelResult };
  /** The same rounds without the others, trained here; then the result with it. */
  readonly alone: { readonly asks: object; readonly answer: ModelResult };
  readonly classify: {
    readonly asks: Samples;
    /** (N, C), each row a distribution. */
    readonly answer: TensorOf<"f32">;
  };
  /** The own samples nearest to a picture or a text, best first. */
  readonly search: {
    readonly asks: { readonly like: Samples; readonly count: number };
    readonly answer: readonly Hit[];
  };
  /** What tells the server that this browser takes part; undefined where it is gone. */
  readonly token: { readonly asks: object; readonly answer: string | undefined };
  /** What a zip of it would hold. */
  readonly plan: { readonly asks: object; readonly answer: ExportPlan };
  /** A zip for other programs. */
  readonly export: { readonly asks: { readonly about: About }; readonly answer: Uint8Array };
};
export type ModelQuestion = keyof ModelQuestions;

/** Pictures (N, size, size, 3) as the study's, or texts. */
export type Samples =
  | { readonly images: TensorOf<"u8">; readonly captions?: never }
  | { readonly images?: never; readonly captions: readonly string[] };

/** What the model's card says of the study. */
export type About = Pick<Task, "name" | "description" | "publicLicence"> & {
  /** As the study's task says; absent: as the pictures that it trained on seem to be made. */
  readonly pictures?: PicturesOf;
};

export type ModelInfo = {
  readonly identity: number;
  readonly experiment: string;
  readonly classes: readonly string[];
  readonly modality: ClientModality;
  readonly architecture: string;
  readonly task: ClientTask;
  readonly pictures?: PicturesOf;
  /** That it has answered so far. */
  readonly rounds: number;
  /** It has learned something that can be asked. */
  readonly trained: boolean;
};

/** One model on all samples that are measured on. */
export type Measured = {
  /** Of pairs that are only matched: how often a caption finds its picture first. */
  readonly accuracy: Share;
  /** One a class, none where only matches are learned; likewise the counts, see `heldOutResult`. */
  readonly classes: readonly Share[];
  readonly confusion: readonly (readonly number[])[];
  /** Of a model with two heads, each alone. */
  readonly heads: readonly { readonly modality: Modality; readonly accuracy: Share }[];
};

export type ModelResult = {
  readonly measuredOn: MeasuredOn;
  readonly samples: number;
  /** What guessing gets right, 0-1. */
  readonly chance: number;
  readonly rounds: number;
  readonly now: Measured;
  /** After its first round, when the others had taught it nothing or little. */
  readonly before?: Measured;
  /** What as many rounds alone come to; absent until asked for. */
  readonly alone?: Measured;
  /** How many rows changed, and how likely that is by chance, see `compared`. */
  readonly change?: {
    readonly gained: number;
    readonly lost: number;
    readonly chance: Comparison["chance"];
  };
  /** A few of each. */
  readonly examples: {
    readonly gained: readonly Example[];
    readonly right: readonly Example[];
    readonly wrong: readonly Example[];
  };
};

export type Example = PreviewSample & {
  /** What the model says now; absent: no class. */
  readonly predicted?: string;
};

export type Hit = {
  readonly sample: PreviewSample;
  /** Cosine. */
  readonly score: number;
};

export type ModelRequest = {
  [Q in ModelQuestion]: { readonly question: Q } & ModelQuestions[Q]["asks"];
}[ModelQuestion];

export type PageToModel =
  | {
      readonly type: "ask";
      readonly id: number;
      readonly of: ModelAddress;
      readonly request: ModelRequest;
    }
  | { readonly type: "cancel"; readonly id: number };

export type ModelToPage =
  /** 0-1. */
  | { readonly type: "progress"; readonly id: number; readonly fraction: number }
  | { readonly type: "done"; readonly id: number; readonly answer: unknown }
  | {
      readonly type: "failed";
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
    };
