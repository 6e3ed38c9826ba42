import type { ClientModality } from "@tandem/core/data";
import type { ExperimentId } from "@tandem/core/ids";

/** What the page tells the worker. */
export type PageToWorker =
  | {
      readonly type: "join";
      /** Origin of the server, e.g. `http://localhost:3000`. */
      readonly url: string;
      readonly experiment: ExperimentId;
      readonly name?: string;
      readonly modality?: ClientModality;
      readonly slot?: number;
      /** Only this backend; without it the first one that passes its self-test. */
      readonly prefer?: EngineBackend;
    }
  /** Gives the place back and forgets what is stored for it. */
  | { readonly type: "leave" };

/** What the worker tells the page: always the whole state. */
export type WorkerToPage = { readonly type: "state"; readonly state: ClientState };

export type EngineBackend = "webgpu" | "webgl" | "wasm" | "cpu";
export type Connection = "connecting" | "online" | "offline";
export type ClientPhase =
  | "idle"
  | "probing"
  | "joining"
  | "loading"
  | "waiting"
  | "working"
  | "uploading"
  | "finished"
  | "left"
  | "failed";
export type ClientStage = "download" | "train" | "transfer" | "extract" | "evaluate" | "upload";

export type Assignment = {
  readonly experimentName: string;
  readonly strategy: string;
  readonly classes: readonly string[];
  readonly modality: ClientModality;
  readonly architecture: string;
  /** Where the data comes from, e.g. "noto". */
  readonly source: string;
  readonly samples: number;
  readonly slot: number;
  readonly rounds: number;
};

/** One of the participant's own samples; it goes to the page and nowhere else. */
export type PreviewSample = {
  readonly className: string;
  readonly image?: {
    readonly width: number;
    readonly height: number;
    /** width × height × 4. */
    readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  };
  readonly caption?: string;
};

/** Accuracies on the public benchmark, 0-1. */
export type RoundScore = {
  readonly round: number;
  readonly accuracy: number;
  readonly "accuracy/image"?: number;
  readonly "accuracy/text"?: number;
};

export type DeviceReport = {
  readonly backend: EngineBackend;
  readonly report: readonly {
    readonly backend: EngineBackend;
    readonly status: "chosen" | "skipped" | "failed";
    readonly reason: string;
    readonly milliseconds?: number;
  }[];
};

/** Everything that the page draws. */
export type ClientState = {
  readonly connection: Connection;
  readonly phase: ClientPhase;
  readonly assignment?: Assignment;
  /** Of the round's work. */
  readonly stage?: ClientStage;
  /** Of the stage, 0-1. */
  readonly fraction: number;
  readonly loss?: number;
  /** 1-based; 0 before the first. */
  readonly round: number;
  readonly history: readonly RoundScore[];
  /** Blob bytes of this tab since it was opened. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly device?: DeviceReport;
  /** Up to 12 own samples. */
  readonly preview: readonly PreviewSample[];
  /** Whether the shard was in this browser already or how many bytes were downloaded. */
  readonly data?:
    | { readonly from: "browser" }
    | { readonly from: "download"; readonly bytes: number };
  /** Why the experiment needs this tab no longer. */
  readonly note?: string;
  readonly error?: { readonly code: string; readonly message: string };
};

export const initialClientState: ClientState = {
  connection: "connecting",
  phase: "idle",
  fraction: 0,
  round: 0,
  history: [],
  bytesUp: 0,
  bytesDown: 0,
  preview: [],
};
