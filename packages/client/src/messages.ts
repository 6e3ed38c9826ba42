import type { Outgoing } from "@tandem/core/channel";
import type { ClientModality } from "@tandem/core/data";
import type { FitStage } from "@tandem/core/strategy";
import type { BackendName, BackendReport } from "@tandem/engine/choose-backend";
import type { JoinReply } from "@tandem/protocol/events";
import type { MeasuredOn } from "@tandem/protocol/view";

/** What a participant asks of the worker. */
export type PageToWorker =
  | { readonly type: "join"; readonly options: JoinOptions }
  | { readonly type: "leave"; readonly erase: boolean }
  /** Removes what this browser keeps of a client that no tab is. */
  | { readonly type: "forget"; readonly experiment: string; readonly identity: number }
  /** Has the server erase what this browser has sent to an experiment, as whatever client. */
  | { readonly type: "erase"; readonly url: string; readonly experiment: string };

export type JoinOptions = {
  /** Origin of the server. */
  readonly url: string;
  readonly experiment: string;
  readonly modality?: ClientModality;
  readonly slot?: number;
  readonly name?: string;
  /** What the link of an invitation holds, where the experiment asks for one. */
  readonly invitation?: string;
  /** What the participant has agreed to: `consent.hash` of `/api/experiments/ID/joining`. */
  readonly consent?: string;
  /** Of an experiment whose participants bring data: the task that this browser keeps it for. */
  readonly task?: string;
  /** What `ClientState.identity` was before the page was reloaded. */
  readonly identity?: number | undefined;
  /** Use this backend or fail. */
  readonly prefer?: BackendName;
  /** Backends that have broken in this tab. */
  readonly avoid?: readonly BackendName[];
  /** URL prefix of tfjs's `.wasm` files. */
  readonly wasmPath: string;
};

export type WorkerToPage =
  | { readonly type: "state"; readonly state: ClientState }
  /** It has left the tab, ms since 1970; `get`: an address that was asked for. */
  | { readonly type: "sent"; readonly sent: Sent };

export type Sent = Outgoing & { readonly at: number };

/** What a page holds of what the browser does not keep; it is told of each change from then on. */
export type LenderToWorker = {
  readonly type: "lend";
  readonly records: ReadonlyMap<string, Uint8Array>;
  readonly keys: ReadonlyMap<string, CryptoKeyPair>;
};

/** Without a value, or a pair, it is gone. */
export type WorkerToLender =
  | { readonly type: "record"; readonly key: string; readonly value?: Uint8Array }
  | { readonly type: "key"; readonly name: string; readonly pair?: CryptoKeyPair };

export type ClientPhase =
  | "idle"
  | "probing"
  | "joining"
  /** Until whoever runs the experiment has let it in. */
  | "asking"
  | "loading"
  | "waiting"
  | "working"
  | "uploading"
  /** By the participant; the page alone says so. */
  | "paused"
  | "finished"
  /** The experiment has been deleted. */
  | "removed"
  | "left"
  | "failed";

/** Everything the page draws. */
export type ClientState = {
  readonly connection: "connecting" | "online" | "offline";
  readonly phase: ClientPhase;
  /** Present after joining. */
  readonly assignment?: {
    readonly client: string;
    readonly experiment: string;
    readonly strategy: string;
    readonly classes: readonly string[];
    readonly modality: ClientModality;
    readonly architecture: string;
    /** By this device, among these: what a training step is expected to take, and may take, ms. */
    readonly chosen?: NonNullable<JoinReply["chosen"]>;
    readonly source: string;
    readonly samples: number;
    /** What its accuracy is measured on, and on how many samples of it. */
    readonly measuredOn: MeasuredOn;
    readonly measuredSamples: number;
    readonly slot: number;
    readonly rounds: number;
  };
  /** Which of this browser's clients the tab is; no other tab is the same at the same time. */
  readonly identity?: number;
  readonly round: number;
  /** What the server says that the round, or an experiment that does not run, is at; before it says so, nothing. */
  readonly standing?: string;
  /** Clients that are ready, this one included. */
  readonly ready?: number;
  /** The round asks others. */
  readonly rests: boolean;
  readonly stage?: FitStage | "download" | "upload" | undefined;
  /** Of the stage, 0-1. */
  readonly fraction: number;
  readonly loss?: number;
  readonly history: readonly RoundResult[];
  /** Knowledge and data, as HTTP bodies. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly device: { readonly backend?: BackendName; readonly report: readonly BackendReport[] };
  /** A few of the tab's own samples; they go no further than the page. */
  readonly preview: readonly PreviewSample[];
  /** Where the data came from; stored: this browser had it, or it is the participant's own. */
  readonly data?: { readonly stored: boolean; readonly bytes: number };
  /** What has gone wrong and was dealt with, oldest first. */
  readonly notices: readonly string[];
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  /** What has become of what was sent, once it is over; what is kept, this browser can still have erased. */
  readonly sent?: "kept" | "erased";
};

export type RoundResult = {
  readonly round: number;
  /** On what `assignment.measuredOn` says, 0-1. */
  readonly accuracy: number;
  readonly image?: number;
  readonly text?: number;
};

export type PreviewSample = {
  readonly label: string;
  readonly caption?: string;
  /** RGBA bytes, `side` pixels wide and high. */
  readonly picture?: { readonly side: number; readonly rgba: Uint8ClampedArray };
};

export const initialState: ClientState = {
  connection: "connecting",
  phase: "idle",
  round: 0,
  rests: false,
  fraction: 0,
  history: [],
  bytesUp: 0,
  bytesDown: 0,
  device: { report: [] },
  preview: [],
  notices: [],
};
